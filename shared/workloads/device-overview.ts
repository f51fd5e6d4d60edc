import { z } from "zod";
import { antivirusEligibility } from "../antivirus/eligibility.js";
import { driverEligibility } from "../drivers/eligibility.js";
import { edgeEligibility } from "../edge/eligibility.js";
import { featureEligibility } from "../feature-devices/eligibility.js";
import { lookAtFeatureDevice } from "../feature-devices/look.js";
import { latestVersion } from "../feature-releases/catalogue.js";
import { listFeatureVersions } from "../graph/feature-versions.js";
import type { Graph } from "../graph/graph.js";
import { findGroup } from "../groups/store.js";
import { deviceHotpatch } from "../hotpatch/device-view.js";
import { appDevices } from "../inventory/devices.js";
import { officeEligibility } from "../microsoft-365-apps/eligibility.js";
import { toldAttributesOf } from "../readiness/device-attributes.js";
import { hardwareOf } from "../readiness/hardware.js";
import type { DeviceRecord } from "../registration/device.js";
import { teamsEligibility } from "../teams-client/report.js";
import { qualityEligibility } from "../updates/eligibility.js";
import { Workload } from "../updates/update.js";
import { type Eligibility, Health } from "./eligibility.js";

const { quality, ...others } = Workload;

/** Every area of updates that labels devices: all workloads, and what has no releases. */
export const Area = {
  quality,
  hotpatch: "hotpatch",
  ...others,
  teams: "teams",
  antivirus: "antivirus",
} as const;
export type Area = (typeof Area)[keyof typeof Area];

export const deviceWorkloadsSchema = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    workloads: z.array(
      z.object({
        workload: z.enum(Area),
        label: z.enum(Health).describe("Healthy devices count in the objective of the workload."),
        reasons: z.array(z.object({ code: z.string(), text: z.string() })).describe("Every rule that it breaks."),
      }),
    ),
  })
  .meta({ id: "DeviceWorkloads" });
export type DeviceWorkloads = z.infer<typeof deviceWorkloadsSchema>;

const NO_RING: Eligibility = {
  label: Health.unhealthy,
  reasons: [
    { code: "noRing", text: "The device is in no deployment ring. Put it into one with POST devices/assign-ring." },
  ],
};

/** Whether a device counts in the objective of every workload, with every rule that it breaks. @param now ms */
export async function deviceWorkloads(graph: Graph, record: DeviceRecord, now: number): Promise<DeviceWorkloads> {
  const group = record.groupId === null ? undefined : (await findGroup(record.groupId))?.body;
  const [[app], feature, hotpatch, told] = await Promise.all([
    appDevices([record], now),
    lookAtFeatureDevice(graph, record, now),
    deviceHotpatch(graph, record, now),
    toldAttributesOf(record.deviceId),
  ]);
  const labels: Readonly<Record<Area, Eligibility>> = {
    quality: qualityEligibility(record),
    hotpatch,
    feature:
      feature?.eligibility ??
      featureEligibility({ record, hardware: hardwareOf(told), target: await nextWindows(graph, now), now }),
    driver: driverEligibility({ record, group, now }),
    microsoft365Apps: app === undefined ? NO_RING : officeEligibility(app),
    edge: app === undefined ? NO_RING : edgeEligibility(app),
    teams: app === undefined ? NO_RING : teamsEligibility(app),
    antivirus: app === undefined ? NO_RING : antivirusEligibility(app),
  };
  const { deviceId, name } = record;
  const workloads = Object.values(Area).map((workload) => {
    const { label, reasons } = labels[workload];
    return { workload, label, reasons: reasons.map(({ code, text }) => ({ code, text })) };
  });
  return { deviceId, name, workloads };
}

/** What devices are asked for that nothing brings to a version yet: they would be brought to the latest one. */
async function nextWindows(graph: Graph, now: number): Promise<string> {
  return latestVersion(await listFeatureVersions(graph), now)?.version ?? "";
}
