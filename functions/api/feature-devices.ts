import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { UpdateStatus } from "../../shared/feature-devices/judge.js";
import { type FeatureLook, lookAtFeatureDevice, lookAtFeatureDevices } from "../../shared/feature-devices/look.js";
import { featureSummary, summarySchema } from "../../shared/feature-devices/report.js";
import { FeatureState } from "../../shared/feature-devices/states.js";
import { endingVersions, onSupported } from "../../shared/feature-devices/support.js";
import { type FeatureDeviceView, featureDeviceSchema, featureDeviceView } from "../../shared/feature-devices/view.js";
import { Support } from "../../shared/feature-releases/catalogue.js";
import { readFeatureRelease } from "../../shared/feature-releases/store.js";
import { graphClient } from "../../shared/graph/client.js";
import { listFeatureVersions } from "../../shared/graph/feature-versions.js";
import { readDevice } from "../../shared/registration/store.js";
import { instant } from "../../shared/schema.js";
import { Health } from "../../shared/workloads/eligibility.js";
import { listOf, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

const listQuery = z.strictObject({
  group: z.string().optional().describe("Autopatch group."),
  ring: z.string().optional(),
  release: z.string().optional().describe("Feature release; also one that is canceled, or that devices have left."),
  state: z.enum(FeatureState).optional(),
  status: z.enum(UpdateStatus).optional(),
  version: z.string().optional().describe("Version that devices have: Windows 11, version 23H2."),
  support: z.enum(Support).optional().describe("Of the version that devices have."),
  label: z.enum(Health).optional(),
});

export const featureDevicesList = route({
  name: "featureDevicesList",
  method: "GET",
  path: "feature-devices",
  role: "Reader",
  act: "list devices with their feature updates",
  query: listQuery,
  page: true,
  answer: {
    about: "Devices that something brings to a Windows version, with state and eligibility.",
    schema: pageOf(featureDeviceSchema),
  },
  run: async (call) => {
    const { devices, catalogue } = await look(call, call.asked.release);
    const views = devices.map((device) => featureDeviceView(device, catalogue, clock.now()));
    const wanted = views.filter((view) => matches(view, call.asked));
    return json(paged(call, wanted, ({ deviceId }) => deviceId));
  },
});

export const featureDevicesReport = route({
  name: "featureDevicesReport",
  method: "GET",
  path: "feature-devices/report",
  role: "Reader",
  act: "read the summary of feature updates",
  answer: { about: "A row for each release, and the objectives with what they are of.", schema: summarySchema },
  run: async (call) => {
    const [found, now] = [await look(call), clock.now()];
    return json(featureSummary(found.devices, onSupported(found, now), now));
  },
});

const endingSchema = z.object({
  groupId: z.string(),
  group: z.string(),
  version: z.string(),
  support: z.enum(Support),
  endOfSupport: instant,
  devices: z.int(),
  deviceIds: z.array(z.string()),
});

export const featureDevicesLifecycle = route({
  name: "featureDevicesLifecycle",
  method: "GET",
  path: "feature-devices/lifecycle",
  role: "Reader",
  act: "list Windows versions whose support ends",
  answer: {
    about: "Versions on devices of a group whose support has ended or ends within two months.",
    schema: listOf(endingSchema),
  },
  run: async (call) => {
    const ending = endingVersions(await look(call), clock.now());
    const value = ending.map(({ groupId, groupName: group, version, support, endsAt, deviceIds }) => {
      const endOfSupport = new Date(endsAt).toISOString();
      return { groupId, group, version, support, endOfSupport, devices: deviceIds.length, deviceIds: [...deviceIds] };
    });
    return json({ value });
  },
});

export const deviceFeatureUpdateGet = route({
  name: "deviceFeatureUpdateGet",
  method: "GET",
  path: "devices/{deviceId}/feature-update",
  role: "Reader",
  act: "read the feature update of a device",
  answer: { about: "State, eligibility and what to do.", schema: featureDeviceSchema, etag: true },
  run: async (call) => {
    const [graph, now] = [graphClient(), clock.now()];
    const record = await readDevice(param(call, "deviceId"));
    const device = await lookAtFeatureDevice(graph, record, now);
    if (device !== undefined) return json(featureDeviceView(device, await listFeatureVersions(graph), now));
    const message = `Nothing brings device ${record.deviceId} to a Windows version: it is in no Autopatch group, or its group names none. Put the group into a feature release, or name a version in its settings.`;
    throw new AppError("not_found", message, { field: "deviceId" });
  },
});

/** The devices that the caller may see. @param releaseId only as a feature release has them */
async function look({ actor }: Pick<Call<unknown>, "actor">, releaseId?: string): Promise<FeatureLook> {
  const release = releaseId === undefined ? undefined : (await readFeatureRelease(releaseId)).body;
  const found = await lookAtFeatureDevices(graphClient(), clock.now(), release);
  const groups = [...new Set(found.members.map(({ group }) => group.id))].map((groupId) => ({ groupId }));
  const visible = new Set((await withinScope(actor, groups)).map(({ groupId }) => groupId));
  const isMine = ({ group }: { readonly group: { readonly id: string } }) => visible.has(group.id);
  return { ...found, devices: found.devices.filter(isMine), members: found.members.filter(isMine) };
}

function matches(view: FeatureDeviceView, asked: z.infer<typeof listQuery>): boolean {
  const { group, ring, state, status, version, support, label } = asked;
  const pairs = [
    ...([
      [group, view.groupId],
      [ring, view.deploymentRing],
      [state, view.state],
      [status, view.updateStatus],
    ] as const),
    ...([
      [version, view.currentVersion],
      [support, view.support],
      [label, view.label],
    ] as const),
  ];
  return pairs.every(([wanted, actual]) => wanted === undefined || wanted === actual);
}
