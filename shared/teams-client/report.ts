import { z } from "zod";
import type { AppDevice } from "../inventory/devices.js";
import { CHECKED_IN, countBy, INVENTORY_KNOWN, reasonCounts } from "../inventory/rules.js";
import { counts } from "../schema.js";
import { type Eligibility, eligibilityOf, Health, type Rule } from "../workloads/eligibility.js";

/** The rules of Microsoft Teams: installed, signed in, online (autopatch.md §8.2). */
const TEAMS_RULES: readonly Rule<AppDevice>[] = [
  CHECKED_IN,
  INVENTORY_KNOWN,
  {
    code: "notInstalled",
    text: "Microsoft Teams is not installed on the device.",
    keeps: ({ inventory }) => inventory === null || inventory.teams !== undefined,
  },
  {
    code: "notSignedIn",
    text: "Nobody is signed in to Microsoft Teams on the device. It updates once somebody is.",
    keeps: ({ inventory }) => inventory?.teams?.signedIn !== false,
  },
];

/** Whether Teams updates itself on a device, and every rule that it breaks. */
export function teamsEligibility(device: AppDevice): Eligibility {
  return eligibilityOf(device, TEAMS_RULES);
}

export const teamsReportSchema = z.object({
  devices: z.int(),
  eligible: z.int(),
  notEligible: z.int(),
  reasons: counts,
  versions: counts.describe("Eligible devices by version."),
});
export type TeamsReport = z.infer<typeof teamsReportSchema>;

/** Versions of Teams. It updates by itself on its standard channel, without rings. */
export function teamsReport(devices: readonly AppDevice[]): TeamsReport {
  const judged = devices.map((device) => ({ device, eligibility: teamsEligibility(device) }));
  const eligible = judged.filter(({ eligibility }) => eligibility.label === Health.healthy);
  return {
    ...{ devices: devices.length, eligible: eligible.length, notEligible: devices.length - eligible.length },
    reasons: reasonCounts(judged.map(({ eligibility }) => eligibility)),
    versions: countBy(eligible, ({ device }) => device.inventory?.teams?.version ?? ""),
  };
}
