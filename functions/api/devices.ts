import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { readGroup } from "../../shared/groups/store.js";
import {
  type AdminAct,
  assignRing,
  deregisterDevices,
  excludeDevices,
  restoreDevices,
} from "../../shared/registration/admin.js";
import { type DeviceRecord, DeviceState, DeviceStatus } from "../../shared/registration/device.js";
import { listDevices, readDevice } from "../../shared/registration/store.js";
import { readDiscovery, startDiscovery, startFilling } from "../../workflows/discovery.js";
import { json, param, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

/** Most devices that one call may name, and most on one page. */
const MOST_DEVICES = 1000;

const listQuery = z.strictObject({
  /** Autopatch group: the one it is registered in, or else those it was found in. */
  group: z.string().optional(),
  ring: z.string().optional(),
  state: z.enum(DeviceState).optional(),
  status: z.enum(DeviceStatus).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_DEVICES).default(100),
  /** From the page before. */
  continuation: z.string().optional(),
  code: z.string().optional(),
});

route({
  name: "devicesList",
  method: "GET",
  path: "devices",
  role: "Reader",
  act: "list devices",
  run: async ({ actor, query }) => {
    const { limit, continuation = "", ...filter } = validate(listQuery, Object.fromEntries(query));
    const visible = await withinScope(actor, await listDevices());
    const found = visible.filter((record) => matches(record, filter) && record.deviceId > continuation);
    const value = found.slice(0, limit);
    const next = found.length > limit ? { continuation: value.at(-1)?.deviceId } : {};
    return json({ value, ...next });
  },
});

route({
  name: "devicesGet",
  method: "GET",
  path: "devices/{deviceId}",
  role: "Reader",
  act: "read a device",
  run: async (call) => json(await readDevice(param(call, "deviceId"))),
});

route({
  name: "groupsMembership",
  method: "GET",
  path: "groups/{groupId}/membership",
  role: "Reader",
  act: "read the membership report of an Autopatch group",
  run: async (call) => {
    const { body: group } = await readGroup(param(call, "groupId"));
    const devices = (await listDevices()).filter((record) => matches(record, { group: group.id }));
    return json({ value: devices.map((record) => membershipRow(record, group.definition.name)) });
  },
});

function membershipRow(record: DeviceRecord, group: string) {
  const { deviceId, name, ring, ringAssignedBy, status, state, reason } = record;
  return { deviceId, name, group, ring, ringAssignedBy, status, readiness: state, reason: reason?.message ?? null };
}

interface Filter {
  readonly group?: string | undefined;
  readonly ring?: string | undefined;
  readonly state?: DeviceState | undefined;
  readonly status?: DeviceStatus | undefined;
}

function matches(record: DeviceRecord, { group, ring, state, status }: Filter): boolean {
  const groups = record.groupId === null ? record.found.map(({ groupId }) => groupId) : [record.groupId];
  if (group !== undefined && !groups.includes(group)) return false;
  if (ring !== undefined && record.ring !== ring) return false;
  return (state === undefined || record.state === state) && (status === undefined || record.status === status);
}

/** Throws `not_found` when a scoped admin names a device outside his Autopatch groups. */
async function refuseForeign(actor: Actor, deviceIds: readonly string[]): Promise<void> {
  if (actor.scopeTagIds === "all") return;
  const visible = new Set((await withinScope(actor, await listDevices())).map(({ deviceId }) => deviceId));
  const foreign = deviceIds.find((id) => !visible.has(id.toLowerCase()));
  if (foreign === undefined) return;
  const message = `deviceIds: there is no device ${foreign} in the Autopatch groups of your scope tags.`;
  throw new AppError("not_found", message, { field: "deviceIds" });
}

const justification = z.string().trim().min(1).max(500).optional();
const chosen = z.strictObject({
  deviceIds: z.array(z.string().min(1)).min(1).max(MOST_DEVICES),
  justification,
});

route({
  name: "devicesAssignRing",
  method: "POST",
  path: "devices/assign-ring",
  role: "Administrator",
  act: "assign a ring",
  body: chosen.extend({ ring: z.string().min(1) }),
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await assignRing(body.deviceIds, body.ring);
    await note(actor, "devices.assignRing", act, body.justification, { ring: body.ring });
    return json({ value: act.devices, discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

route({
  name: "devicesExclude",
  method: "POST",
  path: "devices/exclude",
  role: "Administrator",
  act: "exclude a device",
  body: chosen,
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await excludeDevices(body.deviceIds);
    await note(actor, "devices.exclude", act, body.justification);
    return json({ value: act.devices, discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

route({
  name: "devicesRestore",
  method: "POST",
  path: "devices/restore",
  role: "Administrator",
  act: "restore an excluded device",
  body: chosen,
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await restoreDevices(body.deviceIds);
    await note(actor, "devices.restore", act, body.justification);
    return json({ value: act.devices, discovery: await startDiscovery(client) }, 202);
  },
});

route({
  name: "devicesDeregister",
  method: "POST",
  path: "devices/deregister",
  role: "Administrator",
  act: "deregister a device",
  body: chosen,
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await deregisterDevices(body.deviceIds);
    await note(actor, "devices.deregister", act, body.justification);
    return json({ value: [], discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

async function note(
  actor: Actor,
  action: string,
  { devices, groupIds }: AdminAct,
  why: string | undefined,
  evidence: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const [at, ids] = [clock.now(), devices.map(({ deviceId }) => deviceId)];
  const target = ids.length === 1 ? `device/${ids[0]}` : `group/${groupIds.join(",")}`;
  const key = crypto.randomUUID();
  await audit({ at, actor, action, target, justification: why, evidence: { ...evidence, deviceIds: ids }, key });
}

route({
  name: "devicesDiscover",
  method: "POST",
  path: "devices/discover",
  role: "Administrator",
  act: "discover devices",
  body: z.strictObject({ groupId: z.string().min(1).optional() }),
  run: async ({ actor, body, client }) => {
    if (body.groupId !== undefined) await readGroup(body.groupId);
    const id = await startDiscovery(client, body);
    const target = body.groupId === undefined ? "tenant" : `group/${body.groupId}`;
    await audit({ at: clock.now(), actor, action: "devices.discover.request", target, key: id });
    const location = `/api/v1/discoveries/${id}`;
    const answer = json({ id, statusUrl: location }, 202);
    return { ...answer, headers: { ...answer.headers, location } };
  },
});

route({
  name: "discoveriesGet",
  method: "GET",
  path: "discoveries/{discoveryId}",
  role: "Reader",
  act: "read the progress of a discovery",
  run: async (call) => {
    const id = param(call, "discoveryId");
    const status = await readDiscovery(call.client, id);
    if (status === undefined) {
      throw new AppError("not_found", `There is no discovery ${id}. POST /api/v1/devices/discover starts one.`, {
        field: "discoveryId",
      });
    }
    const { runtimeStatus, createdTime, lastUpdatedTime, customStatus } = status;
    return json({
      id,
      status: runtimeStatus,
      createdAt: createdTime,
      updatedAt: lastUpdatedTime,
      progress: customStatus,
    });
  },
});
