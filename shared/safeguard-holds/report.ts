import { z } from "zod";
import type { JudgedDevice } from "../feature-devices/judge.js";
import { FeatureState } from "../feature-devices/states.js";
import type { SafeguardHold } from "../graph/known-issues.js";

const devicesSchema = z.object({
  devices: z.int().min(0).describe("Devices that it keeps the feature update from."),
  deviceIds: z.array(z.string()),
});

export const safeguardHoldSchema = devicesSchema
  .extend({
    id: z.string().describe("8 digits, as Windows and the release health page show them."),
    issue: z
      .object({
        id: z.string(),
        title: z.string(),
        text: z.string(),
        status: z.string().nullable(),
        url: z.string().nullable(),
        versions: z.array(z.string()),
      })
      .nullable()
      .describe("The known issue; null where Microsoft publishes none for the hold."),
    isLifted: z.boolean().describe("The issue is resolved: devices are offered the update with their next scans."),
  })
  .meta({ id: "SafeguardHold" });

export const safeguardReportSchema = z
  .object({
    value: z.array(safeguardHoldSchema),
    unnamed: devicesSchema.describe("Devices that say a safeguard keeps them, and nobody says which."),
    optedOut: devicesSchema.describe("Devices for which safeguards are switched off."),
  })
  .meta({ id: "SafeguardReport" });
export type SafeguardReport = z.infer<typeof safeguardReportSchema>;

const LIFTED: ReadonlySet<string> = new Set(["resolved", "resolvedExternal"]);

/**
 * The safeguard holds with the devices that each keeps from their feature update (autopatch.md §12, row 104): all that
 * are published, and those that devices alone name.
 */
export function safeguardReport(holds: readonly SafeguardHold[], judged: readonly JudgedDevice[]): SafeguardReport {
  const held = judged.filter(({ isHeld, standing }) => isHeld && standing.state === FeatureState.onHold);
  const named = held.flatMap(({ safeguardHolds }) => safeguardHolds);
  const ids = [...new Set([...holds.map(({ id }) => id), ...named])].sort();
  return {
    value: ids.map((id) => {
      const hold = holds.find((each) => each.id === id);
      return {
        id,
        issue: hold === undefined ? null : issueOf(hold),
        isLifted: LIFTED.has(hold?.status ?? ""),
        ...counted(held.filter(({ safeguardHolds }) => safeguardHolds.includes(id))),
      };
    }),
    unnamed: counted(held.filter(({ safeguardHolds }) => safeguardHolds.length === 0)),
    optedOut: counted(judged.filter(({ isOptedOut }) => isOptedOut)),
  };
}

function issueOf({ issueId, title, text, status, url, versions }: SafeguardHold) {
  return { id: issueId, title, text, status, url, versions: [...versions] };
}

function counted(devices: readonly JudgedDevice[]) {
  return { devices: devices.length, deviceIds: devices.map(({ record }) => record.deviceId) };
}
