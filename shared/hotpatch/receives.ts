import { HotpatchMonth } from "../calendar/hotpatch.js";
import type { Eligibility } from "../workloads/eligibility.js";
import type { Cycle } from "./cycle.js";

/** What a device gets of the month's security update. */
export const Receives = {
  hotpatch: "hotpatch",
  /** The month is a baseline: everybody restarts once. */
  baseline: "baseline",
  /** The baseline that is missing, then the hotpatches. */
  baselineFirst: "baselineFirst",
  /** The latest cumulative update. */
  cumulativeUpdate: "cumulativeUpdate",
} as const;
export type Receives = (typeof Receives)[keyof typeof Receives];

export interface Delivery {
  readonly receives: Receives;
  readonly restart: boolean;
  /** For people. */
  readonly because: string;
}

/** A device that breaks no other rule than this one is a restart away from hotpatches. */
const MENDED_BY_BASELINE = "baselineMissing";

/**
 * What a device gets in the present month (autopatch.md §5.9): whoever does not take hotpatches gets the latest cumulative
 * update with a restart, and is never left without an update.
 * @param allowed whether its policy, or else the tenant, lets it take hotpatches (tenant-default.ts)
 */
export function deliveryOf(
  { reasons }: Eligibility,
  allowed: boolean,
  { month, kind, baselineMonth }: Pick<Cycle, "month" | "kind" | "baselineMonth">,
): Delivery {
  const delivery = (receives: Receives, because: string) => ({
    ...{ receives, because },
    restart: receives !== Receives.hotpatch,
  });
  if (!allowed)
    return delivery(Receives.cumulativeUpdate, "Its policy, or else the tenant, does not let it take hotpatches.");
  const lasting = reasons.filter(({ code }) => code !== MENDED_BY_BASELINE);
  // In the month of a baseline, being beyond the one before is no matter.
  const [first] = kind === HotpatchMonth.baseline ? lasting.filter(({ code }) => code !== "outsideCycle") : lasting;
  if (first !== undefined) return delivery(Receives.cumulativeUpdate, first.text);
  if (kind === HotpatchMonth.baseline) return delivery(Receives.baseline, `${month} is a baseline.`);
  if (reasons.length > 0) {
    return delivery(Receives.baselineFirst, `The baseline of ${baselineMonth} is missing; hotpatches follow it.`);
  }
  return delivery(
    Receives.hotpatch,
    `${month} is a hotpatch month, and the device is on the baseline of ${baselineMonth}.`,
  );
}
