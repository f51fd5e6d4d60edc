import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { alertShape, closedAntivirusAlerts, openAntivirusAlerts } from "../../shared/antivirus/alerts.js";
import { type AppVersion, appVersionSchema } from "../../shared/app-versions/version.js";
import { audit } from "../../shared/audit/audit.js";
import { iso } from "../../shared/calendar/days.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { edgeVersions } from "../../shared/edge/list.js";
import { EdgeChannel, newestEdge, previousEdge } from "../../shared/edge/versions.js";
import { AppError } from "../../shared/errors.js";
import { graphClient } from "../../shared/graph/client.js";
import { editGroup } from "../../shared/groups/changes.js";
import { readGroup } from "../../shared/groups/store.js";
import { deviceApps, deviceAppsSchema } from "../../shared/inventory/device-view.js";
import { appDevices } from "../../shared/inventory/devices.js";
import { appsOverview, overviewSchema, sourceOf, sourceSchema } from "../../shared/inventory/overview.js";
import { noteSwitch, refuseInProcess, switchOf, switchSchema } from "../../shared/inventory/switch.js";
import { AppWorkload, HoldAct, refuseUnheld, switchedWorkload } from "../../shared/inventory/workloads.js";
import { holdsOf } from "../../shared/microsoft-365-apps/hold.js";
import { officeVersions } from "../../shared/microsoft-365-apps/list.js";
import { pinRing } from "../../shared/microsoft-365-apps/pin.js";
import { newestOffice, previousOffice, supportedOffice } from "../../shared/microsoft-365-apps/versions.js";
import { listDevices, readDevice } from "../../shared/registration/store.js";
import { instant } from "../../shared/schema.js";
import { etagOf, refuseOther } from "./etag.js";
import { bringToTenant, changeOptions } from "./group-calls.js";
import { paged, pageOf } from "./paging.js";
import { type Call, json, param, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

const workloadSchema = z.object({ workload: z.enum(AppWorkload) });

const channelSchema = z.object({ newest: appVersionSchema.nullable(), previous: appVersionSchema.nullable() });
const versionsSchema = z.object({
  microsoft365Apps: channelSchema.extend({ supported: z.array(appVersionSchema), list: sourceSchema }),
  edge: z.object({
    channels: z.object({ stable: channelSchema, beta: channelSchema, extended: channelSchema }),
    list: sourceSchema,
  }),
});

export const appVersionsGet = route({
  name: "appVersionsGet",
  method: "GET",
  path: "app-versions",
  role: "Reader",
  act: "read versions of apps",
  answer: { about: "Versions of Microsoft 365 Apps and Edge that are published now.", schema: versionsSchema },
  run: async () => {
    const now = clock.now();
    const [office, edge] = [await officeVersions(now), await edgeVersions(now)];
    const pair = (newest?: AppVersion, previous?: AppVersion) => ({
      newest: newest ?? null,
      previous: previous ?? null,
    });
    const channel = (name: EdgeChannel) =>
      pair(newestEdge(edge.versions, name, now), previousEdge(edge.versions, name, now));
    const { stable, beta, extended } = EdgeChannel;
    return json({
      microsoft365Apps: {
        ...pair(newestOffice(office.versions, now), previousOffice(office.versions, now)),
        ...{ supported: supportedOffice(office.versions, now), list: sourceOf(office) },
      },
      edge: {
        channels: { stable: channel(stable), beta: channel(beta), extended: channel(extended) },
        list: sourceOf(edge),
      },
    });
  },
});

export const groupAppsGet = route({
  name: "groupAppsGet",
  method: "GET",
  path: "groups/{groupId}/apps",
  role: "Reader",
  act: "read how devices stand with apps",
  answer: { about: "Microsoft 365 Apps, Edge, Teams and antivirus of the group's devices.", schema: overviewSchema },
  run: async (call) => json(await appsOverview((await readGroup(param(call, "groupId"))).body, clock.now())),
});

const devicesQuery = z.object({ ring: z.string().min(1).optional() });

export const groupAppsDevices = route({
  name: "groupAppsDevices",
  method: "GET",
  path: "groups/{groupId}/apps/devices",
  role: "Reader",
  act: "list the apps of devices",
  query: devicesQuery,
  page: true,
  answer: { about: "Apps of the group's devices, with why they do not count.", schema: pageOf(deviceAppsSchema) },
  run: async (call) => {
    const { body: group } = await readGroup(param(call, "groupId"));
    const [context, now] = [await viewContext(), clock.now()];
    const records = await listDevices({ groupId: group.id, ring: call.asked.ring });
    const page = paged(call, await appDevices(records, now), ({ deviceId }) => deviceId);
    return json({ ...page, value: page.value.map((device) => deviceApps(device, context)) });
  },
});

export const deviceAppsGet = route({
  name: "deviceAppsGet",
  method: "GET",
  path: "devices/{deviceId}/apps",
  role: "Reader",
  act: "read the apps of a device",
  answer: { about: "Apps of the device, with why it does not count.", schema: deviceAppsSchema, etag: true },
  run: async (call) => {
    const record = await readDevice(param(call, "deviceId"));
    const [device] = await appDevices([record], clock.now());
    if (device !== undefined) return json(deviceApps(device, await viewContext()));
    const message = `Device ${record.deviceId} is in no deployment ring, so that the service follows none of its apps.`;
    throw new AppError("not_found", message, { field: "deviceId" });
  },
});

const switchBody = z.strictObject({
  allowed: z.boolean(),
  justification: z.string().trim().min(1).max(1000).optional(),
});

export const appsSwitch = route({
  name: "appsSwitch",
  method: "PUT",
  path: "groups/{groupId}/apps/{workload}",
  role: "Administrator",
  act: "allow or block a workload",
  body: switchBody,
  ifMatch: true,
  answer: { status: 202, about: "The switch; the policies are made or removed in the tenant.", schema: switchSchema },
  run: async (call) => {
    const workload = switchedWorkload(workloadOf(call));
    const { allowed, justification } = call.body;
    const { body: before } = await readGroup(param(call, "groupId"));
    await refuseInProcess(before, workload);
    const evidence = { workload, before: before.definition.updateTypes[workload], after: allowed };
    const log = once(() =>
      note(call.actor, allowed ? "apps.allow" : "apps.block", before.id, { justification, evidence }),
    );
    const change = await editGroup(
      before.id,
      ({ definition }) => ({ ...definition, updateTypes: { ...definition.updateTypes, [workload]: allowed } }),
      {
        ...changeOptions(call),
        // Both are there before the change is: should this end behind it, `goOnWithSwitches` brings it to the tenant.
        async allowed() {
          await log();
          await noteSwitch(before.id, workload, { allowed, at: clock.now(), by: call.actor.name });
        },
      },
    );
    await bringToTenant(call, change);
    return json(await switchOf(change.after, workload), 202);
  },
});

const rings = z.array(z.string().min(1)).min(1).max(15).optional().describe("Default: all rings of the group.");
const holdBody = z.strictObject({ rings, justification: z.string().trim().min(1).max(1000) });
const rollBackBody = holdBody.extend({
  version: z.string().min(1).max(40).optional().describe("Only the version before the newest one; also the default."),
});
const heldSchema = z.object({
  value: z.array(z.object({ ring: z.string(), version: z.string().nullable(), keepsInstalled: z.boolean() })),
});
const held = { about: "The version at which each ring concerned is held; null: none.", schema: heldSchema };
const hold = { method: "POST", role: "Operator", ifMatch: true, answer: held } as const;

export const appsPause = route({
  ...hold,
  name: "appsPause",
  path: "groups/{groupId}/apps/{workload}/pause",
  act: "pause a workload",
  body: holdBody,
  run: (call) => holdRings(call, HoldAct.pause),
});

export const appsResume = route({
  ...hold,
  name: "appsResume",
  path: "groups/{groupId}/apps/{workload}/resume",
  act: "resume a workload",
  body: holdBody,
  run: (call) => holdRings(call, HoldAct.resume),
});

export const appsRollBack = route({
  ...hold,
  name: "appsRollBack",
  path: "groups/{groupId}/apps/{workload}/rollback",
  act: "roll back a workload",
  body: rollBackBody,
  run: (call) => holdRings(call, HoldAct.rollBack),
});

const alertsQuery = z.strictObject({ state: z.enum(["open", "closed", "all"]).default("open") });
const antivirusAlertSchema = z.object(alertShape(instant)).meta({ id: "AntivirusAlert" });

export const antivirusAlertsList = route({
  name: "antivirusAlertsList",
  method: "GET",
  path: "antivirus-alerts",
  role: "Reader",
  act: "list alerts about antivirus definitions",
  query: alertsQuery,
  page: true,
  answer: { about: "Groups whose devices have stale definitions.", schema: pageOf(antivirusAlertSchema) },
  run: async (call) => {
    const { state } = call.asked;
    const closed = state === "open" ? [] : await closedAntivirusAlerts();
    const open = state === "closed" ? [] : await openAntivirusAlerts();
    const views = (await withinScope(call.actor, [...closed, ...open])).map((alert) => ({
      ...alert,
      ...{ openedAt: iso(alert.openedAt), lookedAt: iso(alert.lookedAt) },
      closed: alert.closed === null ? null : { ...alert.closed, at: iso(alert.closed.at) },
    }));
    return json(paged(call, views, (alert) => `${alert.openedAt} ${alert.groupId} ${alert.closed?.at ?? ""}`));
  },
});

type HoldCall = Call<z.infer<typeof holdBody> & { readonly version?: string | undefined }>;

/** Holds rings or lets them go. What a rule refuses is refused as a whole; the audit log has it before the tenant. */
async function holdRings(call: HoldCall, act: HoldAct) {
  refuseUnheld(workloadOf(call));
  const { body: group, etag } = await readGroup(param(call, "groupId"));
  refuseOther(call.headers.get("if-match"), etagOf(etag));
  const at = clock.now();
  const { rings: asked, version, justification } = call.body;
  // Whoever resumes needs no version, and so not the list either.
  const { versions } = act === HoldAct.resume ? { versions: [] } : await officeVersions(at);
  const holds = holdsOf(group, { act, rings: asked, version }, versions, at);
  const value = holds.map(({ ring, pin }) => {
    return { ring, version: pin?.version ?? null, keepsInstalled: pin?.keepsInstalled ?? false };
  });
  await note(call.actor, `microsoft365Apps.${act}`, group.id, { justification, evidence: { rings: value } });
  for (const { ring, version: pinned, keepsInstalled } of value) {
    await pinRing(graphClient(), group, ring, pinned, { keepsInstalled, at });
  }
  return json({ value });
}

function workloadOf(call: Pick<Call<unknown>, "params">): AppWorkload {
  return validate(workloadSchema, { workload: param(call, "workload") }).workload;
}

async function viewContext() {
  const now = clock.now();
  return { office: (await officeVersions(now)).versions, now, staleDays: config().ANTIVIRUS_STALE_DAYS };
}

/** However often it is called. */
function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}

interface Noted {
  readonly justification: string | undefined;
  readonly evidence: Record<string, unknown>;
}

async function note(actor: Actor, action: string, groupId: string, noted: Noted): Promise<void> {
  const [target, key] = [`group/${groupId}`, `${groupId} ${crypto.randomUUID()}`];
  await audit({ at: clock.now(), actor, action, target, ...noted, key });
}
