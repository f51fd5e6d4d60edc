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
import {
  type DeviceRecord,
  DeviceState,
  DeviceStatus,
  deviceRecordSchema,
  RingAssignedBy,
} from "../../shared/registration/device.js";
import { listDevices, readDevice } from "../../shared/registration/store.js";
import { instant } from "../../shared/schema.js";
import { progressSchema, readDiscovery, startDiscovery, startFilling } from "../../workflows/discovery.js";
import { note } from "./note.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";
import { refuseOutOfScope, withinScope } from "./scope.js";

/** Most devices that one call may name. */
const MOST_DEVICES = 1000;

const listQuery = z.strictObject({
  group: z.string().optional().describe("Autopatch group: the one it is registered in, or else those it was found in."),
  ring: z.string().optional(),
  state: z.enum(DeviceState).optional(),
  status: z.enum(DeviceStatus).optional(),
});

const deviceSchema = deviceRecordSchema.meta({ id: "Device" });
const movedSchema = z.object({
  value: z.array(deviceSchema),
  discovery: z.string().describe("Id of the discovery, as in discoveries/{discoveryId}."),
});
const startedDiscoverySchema = z.object({ id: z.string(), statusUrl: z.string() });
const discoverySchema = z
  .object({
    id: z.string(),
    status: z.string(),
    createdAt: instant,
    updatedAt: instant,
    progress: progressSchema.nullable(),
  })
  .meta({ id: "Discovery" });
const membershipSchema = z.object({
  deviceId: z.string(),
  name: z.string().nullable(),
  group: z.string(),
  ring: z.string().nullable(),
  ringAssignedBy: z.enum(RingAssignedBy),
  status: z.enum(DeviceStatus),
  readiness: z.enum(DeviceState),
  reason: z.string().nullable(),
});

export const devicesList = route({
  name: "devicesList",
  method: "GET",
  path: "devices",
  role: "Reader",
  act: "list devices",
  query: listQuery,
  page: true,
  answer: { about: "Devices that discovery has found, in the order of their ids.", schema: pageOf(deviceSchema) },
  run: async (call) => {
    const visible = await withinScope(call.actor, await listDevices());
    const found = visible.filter((record) => matches(record, call.asked));
    return json(paged(call, found, ({ deviceId }) => deviceId));
  },
});

export const devicesGet = route({
  name: "devicesGet",
  method: "GET",
  path: "devices/{deviceId}",
  role: "Reader",
  act: "read a device",
  answer: { about: "The device.", schema: deviceSchema, etag: true },
  run: async (call) => json(await readDevice(param(call, "deviceId"))),
});

export const groupsMembership = route({
  name: "groupsMembership",
  method: "GET",
  path: "groups/{groupId}/membership",
  role: "Reader",
  act: "read the membership report of an Autopatch group",
  page: true,
  answer: { about: "The devices of the group, with ring and readiness.", schema: pageOf(membershipSchema) },
  run: async (call) => {
    const { body: group } = await readGroup(param(call, "groupId"));
    const devices = (await listDevices()).filter((record) => matches(record, { group: group.id }));
    const rows = devices.map((record) => membershipRow(record, group.definition.name));
    return json(paged(call, rows, ({ deviceId }) => deviceId));
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

export const devicesAssignRing = route({
  name: "devicesAssignRing",
  method: "POST",
  path: "devices/assign-ring",
  role: "Administrator",
  act: "assign a ring",
  body: chosen.extend({ ring: z.string().min(1) }),
  answer: { status: 202, about: "The devices, and the discovery that brings them to the ring.", schema: movedSchema },
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await assignRing(body.deviceIds, body.ring);
    await noteAct(actor, "devices.assignRing", act, body.justification, { ring: body.ring });
    return json({ value: act.devices, discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

export const devicesExclude = route({
  name: "devicesExclude",
  method: "POST",
  path: "devices/exclude",
  role: "Administrator",
  act: "exclude a device",
  body: chosen,
  answer: { status: 202, about: "The devices, and the discovery that takes them out.", schema: movedSchema },
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await excludeDevices(body.deviceIds);
    await noteAct(actor, "devices.exclude", act, body.justification);
    return json({ value: act.devices, discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

export const devicesRestore = route({
  name: "devicesRestore",
  method: "POST",
  path: "devices/restore",
  role: "Administrator",
  act: "restore an excluded device",
  body: chosen,
  answer: { status: 202, about: "The devices, and the discovery that takes them in again.", schema: movedSchema },
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await restoreDevices(body.deviceIds);
    await noteAct(actor, "devices.restore", act, body.justification);
    return json({ value: act.devices, discovery: await startDiscovery(client) }, 202);
  },
});

export const devicesDeregister = route({
  name: "devicesDeregister",
  method: "POST",
  path: "devices/deregister",
  role: "Administrator",
  act: "deregister a device",
  body: chosen,
  answer: { status: 202, about: "Nothing, and the discovery that takes them out of their rings.", schema: movedSchema },
  run: async ({ actor, body, client }) => {
    await refuseForeign(actor, body.deviceIds);
    const act = await deregisterDevices(body.deviceIds);
    await noteAct(actor, "devices.deregister", act, body.justification);
    return json({ value: [], discovery: await startFilling(client, act.groupIds) }, 202);
  },
});

async function noteAct(
  actor: Actor,
  action: string,
  { devices, groupIds }: AdminAct,
  why: string | undefined,
  evidence: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const ids = devices.map(({ deviceId }) => deviceId);
  const target = ids.length === 1 ? `device/${ids[0]}` : `group/${groupIds.join(",")}`;
  await note(actor, action, target, { justification: why, evidence: { ...evidence, deviceIds: ids } });
}

export const devicesDiscover = route({
  name: "devicesDiscover",
  method: "POST",
  path: "devices/discover",
  role: "Administrator",
  act: "discover devices",
  body: z.strictObject({ groupId: z.string().min(1).optional() }),
  answer: { status: 202, about: "The discovery that was started.", schema: startedDiscoverySchema },
  run: async ({ actor, body, client }) => {
    const { groupId } = body;
    if (groupId !== undefined) {
      await refuseOutOfScope(actor, { groupId });
      await readGroup(groupId);
    }
    const id = await startDiscovery(client, body);
    const target = groupId === undefined ? "tenant" : `group/${groupId}`;
    await audit({ at: clock.now(), actor, action: "devices.discover.request", target, key: id });
    const location = `/api/v1/discoveries/${id}`;
    const answer = json({ id, statusUrl: location }, 202);
    return { ...answer, headers: { ...answer.headers, location } };
  },
});

export const discoveriesGet = route({
  name: "discoveriesGet",
  method: "GET",
  path: "discoveries/{discoveryId}",
  role: "Reader",
  act: "read the progress of a discovery",
  answer: { about: "How far the discovery is.", schema: discoverySchema },
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
      createdAt: new Date(createdTime).toISOString(),
      updatedAt: new Date(lastUpdatedTime).toISOString(),
      progress: progressSchema.safeParse(customStatus).data ?? null,
    });
  },
});
