import { z } from "zod";
import { instant } from "../schema.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { isUpToDate } from "../updates/up-to-date.js";
import { type Eligibility, Health } from "../workloads/eligibility.js";
import type { DeviceTarget } from "./device-target.js";
import { dated } from "./view.js";

/** How a device stands to its target (the report's column "Target compliance"). */
export const Compliance = {
  compliant: "compliant",
  /** It lacks the update, and its days are not over. */
  inTime: "inTime",
  overdue: "overdue",
  /** Nothing is offered to it, or its ring has no deadlines. */
  noTarget: "noTarget",
} as const;
export type Compliance = (typeof Compliance)[keyof typeof Compliance];

/** A device in the report, with the columns of autopatch.md §5.10. */
export const reportRowSchema = z.object({
  deviceId: z.string(),
  device: z.string().nullable(),
  groupId: z.string().nullable(),
  ring: z.string().nullable(),
  targetCompliance: z.enum(Compliance),
  compliantBy: instant.nullable().describe("When it has to have its target release."),
  targetRelease: z.string().nullable().describe("2026.05 B"),
  installedRelease: z.string().nullable().describe("Newest release that it has; null: none of the last 180 days."),
  appliedPolicy: z.string().nullable().describe("Null: its ring decides."),
  hotpatchReadiness: z.enum(Health),
});
export type ReportRow = z.infer<typeof reportRowSchema>;

export interface ReportedDevice {
  readonly deviceId: string;
  readonly name: string | null;
  readonly groupId: string | null;
  readonly ring: string | null;
  /** `10.0.26100.4061`; null where Intune does not know it. */
  readonly build: string | null;
  readonly target: DeviceTarget;
  readonly hotpatch: Pick<Eligibility, "label">;
}

/** @param updates published ones, newest first */
export function reportRow(device: ReportedDevice, updates: readonly QualityUpdate[], now: number): ReportRow {
  const { deviceId, name, groupId, ring, build, target, hotpatch } = device;
  const installed = updates.find((update) => build !== null && isUpToDate(build, update));
  return {
    ...{ deviceId, device: name, groupId, ring },
    targetCompliance: complianceOf(target, build, now),
    compliantBy: dated(target.compliantBy),
    targetRelease: target.update?.shortName ?? null,
    installedRelease: installed?.shortName ?? null,
    appliedPolicy: target.policy?.name ?? null,
    hotpatchReadiness: hotpatch.label,
  };
}

function complianceOf({ update, compliantBy }: DeviceTarget, build: string | null, now: number): Compliance {
  if (update === null) return Compliance.noTarget;
  if (build !== null && isUpToDate(build, update)) return Compliance.compliant;
  if (compliantBy === null) return Compliance.noTarget;
  return now <= compliantBy ? Compliance.inTime : Compliance.overdue;
}
