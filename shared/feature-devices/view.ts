import { z } from "zod";
import { iso } from "../calendar/days.js";
import { Support } from "../feature-releases/catalogue.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { DeviceState } from "../registration/device.js";
import { instant } from "../schema.js";
import { Health } from "../workloads/eligibility.js";
import { type JudgedDevice, UpdateStatus } from "./judge.js";
import { FeatureState, SUBSTATES } from "./states.js";
import { supportOf } from "./support.js";

const text = z.string().nullable();
const reasons = z.array(z.object({ code: z.string(), text: z.string() }));

/** A device in the status report of feature updates: the columns of autopatch.md §9.3, and why they say so. */
export const featureDeviceSchema = z
  .object({
    deviceId: z.string(),
    name: text,
    serialNumber: text,
    groupId: z.string(),
    deploymentRing: text,
    release: text.describe("Feature release that brings the version; null: the settings of its group do."),
    featureReleaseId: text,
    phase: z.int().nullable(),
    updateStatus: z.enum(UpdateStatus),
    pauseStatus: z.enum(["Paused", "Not paused"]),
    currentVersion: text.describe("Windows 11, version 24H2; null for one that nobody knows."),
    build: text,
    support: z.enum(Support).nullable(),
    endOfSupport: instant.nullable(),
    readiness: z.enum(DeviceState),
    targetVersion: z.string(),
    reachableVersion: text.describe("What the device is really brought to; null: it stays on its version."),
    isFallback: z.boolean().describe("Windows 10, version 22H2 in place of a Windows 11 that it does not take."),
    label: z.enum(Health),
    reasons: reasons.describe("Every rule of eligibility that it breaks."),
    unknown: reasons.describe("What nobody has told; it speaks neither for nor against the device."),
    state: z.enum(FeatureState),
    substate: z.enum(Object.values(SUBSTATES).flat()).nullable(),
    because: z.string(),
    alert: z
      .object({ code: z.string(), text: z.string(), remedy: z.string() })
      .nullable()
      .describe("What is wrong, and what to do about it."),
    errorCode: text,
    safeguardHolds: z.array(z.string()).describe("Holds that Windows reports of the device."),
    safeguardsDisabled: z.boolean().describe("It is opted out of safeguards until it has taken a feature update."),
    offeredAt: instant.nullable(),
    installedAt: instant.nullable(),
    lastSyncAt: text,
    goalDate: z.iso.date().nullable(),
  })
  .meta({ id: "FeatureDevice" });
export type FeatureDeviceView = z.infer<typeof featureDeviceSchema>;

/** A device as the API shows it. @param now ms */
export function featureDeviceView(
  device: JudgedDevice,
  catalogue: readonly FeatureVersion[],
  now: number,
): FeatureDeviceView {
  const { record, group, aim, eligibility, standing, row, goalAt, installedAt } = device;
  const { version, support, endsAt } = supportOf(record, catalogue, now);
  const { byRelease } = aim;
  return {
    ...{ deviceId: record.deviceId, name: record.name, serialNumber: record.managed?.serialNumber ?? null },
    ...{ groupId: group.id, deploymentRing: record.ring },
    ...{ release: byRelease?.release.name ?? null, featureReleaseId: byRelease?.release.id ?? null },
    phase: byRelease?.phase.number ?? null,
    updateStatus: device.status,
    pauseStatus: standing.substate === "Admin paused" ? "Paused" : "Not paused",
    ...{ currentVersion: version, build: record.managed?.osVersion ?? null, support },
    endOfSupport: endsAt === null ? null : iso(endsAt),
    readiness: record.state,
    ...{ targetVersion: aim.version, reachableVersion: device.version, isFallback: device.isFallback },
    ...{ label: eligibility.label, reasons: [...eligibility.reasons], unknown: [...eligibility.unknown] },
    ...standing,
    errorCode: device.errorCode,
    safeguardHolds: [...device.safeguardHolds],
    safeguardsDisabled: device.isOptedOut,
    offeredAt: row?.offeredAt ?? null,
    installedAt: installedAt === null ? null : iso(installedAt),
    lastSyncAt: record.managed?.lastSyncAt ?? null,
    goalDate: goalAt === null ? null : iso(goalAt).slice(0, 10),
  };
}
