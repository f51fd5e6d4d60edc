import { z } from "zod";
import { DAY_MS } from "../calendar/days.js";
import type { AppDevice } from "../inventory/devices.js";
import type { Inventory } from "../inventory/inventory.js";
import { percentOf } from "../slo/percent.js";

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
  known: z.int().describe("Devices that told of their definitions: the denominator of the percentage."),
  fresh: z.int(),
  percentFresh: z.number().nullable(),
  stale: z.int(),
  unknown: z.int(),
  oldestDays: z.number().nullable().describe("Age of the oldest definitions."),
  staleAfterDays: z.int(),
});
export type AntivirusReport = z.infer<typeof antivirusReportSchema>;

/** Freshness of the definitions of all these devices. @param now ms */
export function antivirusReport(devices: readonly AppDevice[], now: number, staleDays: number): AntivirusReport {
  const found = devices.map(({ inventory }) => definitionsOf(inventory, now, staleDays));
  const count = (wanted: Freshness) => found.filter(({ freshness }) => freshness === wanted).length;
  const [fresh, stale] = [count(Freshness.fresh), count(Freshness.stale)];
  const ages = found.flatMap(({ ageDays }) => ageDays ?? []);
  return {
    ...{ devices: devices.length, known: fresh + stale, fresh, stale, unknown: count(Freshness.unknown) },
    percentFresh: percentOf(fresh, fresh + stale),
    oldestDays: ages.length === 0 ? null : ages.reduce((oldest, age) => Math.max(oldest, age)),
    staleAfterDays: staleDays,
  };
}
