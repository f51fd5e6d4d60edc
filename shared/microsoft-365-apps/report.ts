import { z } from "zod";
import { type AppVersion, appVersionSchema, isAtLeast } from "../app-versions/version.js";
import { type OfficePin, officePinSchema } from "../groups/office-pin.js";
import type { AppDevice } from "../inventory/devices.js";
import { countBy, reasonCounts } from "../inventory/rules.js";
import { counts } from "../schema.js";
import { percentOf, reaches } from "../slo/percent.js";
import { Health } from "../workloads/eligibility.js";
import { officeEligibility } from "./eligibility.js";
import { isOneOf, monthlyInstalled, monthlyVersionOf, newestOffice, supportedOffice } from "./versions.js";

/** Service level objective: percent of eligible devices on a supported version (autopatch.md §8.1). */
export const OFFICE_SLO_PERCENT = 90;

/** Name of versions that are none of the channel's. */
const OTHER = "other";

const share = {
  devices: z.int(),
  eligible: z.int().describe("Healthy devices: the denominator of the percentages."),
  onSupported: z.int(),
  percentOnSupported: z.number().nullable(),
  onNewest: z.int(),
  percentOnNewest: z.number().nullable(),
};
const ringSchema = z.object({
  ...{ ring: z.string(), ...share },
  held: officePinSchema.nullable().describe("The version at which the ring is held; null: it follows its channel."),
});
export const officeReportSchema = z.object({
  newest: appVersionSchema.nullable(),
  supported: z.array(appVersionSchema),
  ...share,
  notEligible: z.int(),
  reasons: counts.describe("Devices by the rule that they break."),
  objective: z.number().describe("Percent of eligible devices that are to be on a supported version."),
  met: z.boolean().nullable().describe("Null while no device counts, or no version is known."),
  versions: counts.describe("Eligible devices by the month that their version is named after."),
  rings: z.array(ringSchema),
});
export type OfficeReport = z.infer<typeof officeReportSchema>;

export interface OfficeInput {
  /** Names of the rings, in their order. */
  readonly rings: readonly string[];
  readonly pins: Readonly<Record<string, OfficePin>>;
  /** Devices of these rings. */
  readonly devices: readonly AppDevice[];
  readonly list: readonly AppVersion[];
  /** ms */
  readonly now: number;
}

/** How the devices of a group stand with Microsoft 365 Apps: versions and the objective (autopatch.md §8.1). */
export function officeReport({ rings, pins, devices, list, now }: OfficeInput): OfficeReport {
  const newest = newestOffice(list, now) ?? null;
  const supported = supportedOffice(list, now);
  // Many devices have few versions.
  const isSupported = remembered((version) => isOneOf(version, supported));
  const nameOf = remembered((version) => monthlyVersionOf(version, list)?.name ?? OTHER);
  const judged = devices.map((device) => ({ device, eligibility: officeEligibility(device) }));
  const eligible = judged.filter(({ eligibility }) => eligibility.label === Health.healthy).map(({ device }) => device);
  const shareOf = (all: readonly AppDevice[], healthy: readonly AppDevice[]) => {
    const installed = healthy.flatMap(({ inventory }) => (inventory?.office ? monthlyInstalled(inventory.office) : []));
    const onSupported = installed.filter(isSupported).length;
    const onNewest = newest === null ? 0 : installed.filter((version) => isAtLeast(version, newest.version)).length;
    return {
      ...{ devices: all.length, eligible: healthy.length, onSupported, onNewest },
      percentOnSupported: percentOf(onSupported, newest === null ? 0 : healthy.length),
      percentOnNewest: percentOf(onNewest, newest === null ? 0 : healthy.length),
    };
  };
  const whole = shareOf(devices, eligible);
  const inRing = (all: readonly AppDevice[], ring: string) => all.filter((device) => device.ring === ring);
  return {
    ...{ newest, supported, ...whole, notEligible: devices.length - eligible.length },
    reasons: reasonCounts(judged.map(({ eligibility }) => eligibility)),
    objective: OFFICE_SLO_PERCENT,
    met:
      eligible.length === 0 || supported.length === 0
        ? null
        : reaches(whole.onSupported, eligible.length, OFFICE_SLO_PERCENT),
    versions: countBy(eligible, ({ inventory }) => nameOf(inventory?.office ? monthlyInstalled(inventory.office) : "")),
    rings: rings.map((ring) => {
      return { ring, ...shareOf(inRing(devices, ring), inRing(eligible, ring)), held: pins[ring] ?? null };
    }),
  };
}

/** The same for the same version, found once. */
function remembered<T>(find: (version: string) => T): (version: string) => T {
  const found = new Map<string, { readonly value: T }>();
  return (version) => {
    const known = found.get(version) ?? { value: find(version) };
    found.set(version, known);
    return known.value;
  };
}
