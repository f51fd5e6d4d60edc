import { z } from "zod";
import { DAY_MS } from "../calendar/days.js";
import type { AppDevice } from "../inventory/devices.js";
import type { Inventory } from "../inventory/inventory.js";
import { reasonCounts } from "../inventory/rules.js";
import { counts } from "../schema.js";
import { percentOf } from "../slo/percent.js";
import { Health } from "../workloads/eligibility.js";
import { antivirusEligibility } from "./eligibility.js";

export const Freshness = {
  fresh: "fresh",
  /** The definitions are older than the limit. */
  stale: "stale",
  /** The agent has told nothing of definitions. */
  unknown: "unknown",
} as const;
export type Freshness = (typeof Freshness)[keyof typeof Freshness];

export interface Definitions {
  readonly freshness: Freshness;
  /** Age in days with one decimal; null when unknown. */
  readonly ageDays: number | null;
}

/**
 * How old the antivirus definitions of a device are.
 * @param now ms
 * @param staleDays days after which they are stale (setting ANTIVIRUS_STALE_DAYS)
 */
export function definitionsOf(inventory: Inventory | null, now: number, staleDays: number): Definitions {
  const updatedAt = inventory?.antivirus?.signaturesUpdatedAt;
  if (updatedAt === undefined) return { freshness: Freshness.unknown, ageDays: null };
  const age = Math.max(0, now - Date.parse(updatedAt)) / DAY_MS;
  return {
    freshness: age > staleDays ? Freshness.stale : Freshness.fresh,
    ageDays: Math.floor(age * 10) / 10,
  };
}

export const antivirusReportSchema = z.object({
  devices: z.int(),
  eligible: z.int().describe("Healthy devices: the denominator of the percentage."),
  notEligible: z.int(),
  reasons: counts.describe("Devices by the rule that they break."),
  fresh: z.int(),
  percentFresh: z.number().nullable(),
  stale: z.int(),
  oldestDays: z.number().nullable().describe("Age of the oldest definitions that count."),
  staleAfterDays: z.int(),
});
export type AntivirusReport = z.infer<typeof antivirusReportSchema>;

/**
 * Freshness of the definitions of these devices. A device that is away gets none until it is back: it is shown with its
 * reason, and counts for nothing. @param now ms
 */
export function antivirusReport(devices: readonly AppDevice[], now: number, staleDays: number): AntivirusReport {
  const judged = devices.map((device) => ({ device, eligibility: antivirusEligibility(device) }));
  const eligible = judged.filter(({ eligibility }) => eligibility.label === Health.healthy);
  const found = eligible.map(({ device }) => definitionsOf(device.inventory, now, staleDays));
  const fresh = found.filter(({ freshness }) => freshness === Freshness.fresh).length;
  const ages = found.flatMap(({ ageDays }) => ageDays ?? []);
  return {
    ...{ devices: devices.length, eligible: found.length, notEligible: devices.length - found.length },
    reasons: reasonCounts(judged.map(({ eligibility }) => eligibility)),
    ...{ fresh, stale: found.length - fresh, percentFresh: percentOf(fresh, found.length) },
    oldestDays: ages.length === 0 ? null : ages.reduce((oldest, age) => Math.max(oldest, age)),
    staleAfterDays: staleDays,
  };
}
