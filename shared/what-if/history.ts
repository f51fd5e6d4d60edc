import { z } from "zod";
import { ARRIVAL_DAYS, DEFAULT_P0 } from "../gate/method.js";
import { DEFAULT_NO_RETURN } from "../gate/silence.js";
import { MODEL_DEFAULTS } from "../model/index.js";
import { normal } from "../random.js";

const curve = z.array(z.number().min(0).max(1)).length(ARRIVAL_DAYS).readonly();

/** What earlier months have taught (gate/history.ts); rates 0–1, curves at the ends of the days 1 to 15. */
export const whatIfHistorySchema = z.strictObject({
  /** Deployments it was learned from; 0: nothing is known, and all else is the default. */
  deployments: z.int().min(0),
  p0: z.number().gt(0).max(0.5),
  p0Variation: z.number().min(0).max(5),
  arrivals: z.record(z.string(), curve),
  noReturn: curve,
});
export type WhatIfHistory = z.infer<typeof whatIfHistorySchema>;

export const NO_HISTORY: WhatIfHistory = {
  deployments: 0,
  p0: DEFAULT_P0,
  p0Variation: 0,
  arrivals: {},
  noReturn: DEFAULT_NO_RETURN,
};

/**
 * Base failure rate of a month. Learned rates are of reports, and fewer failing devices report than healthy ones: the
 * rate that shows as p0 is asked for, and it varies from month to month as much as it did.
 */
export function baseRateOf({ deployments, p0, p0Variation }: WhatIfHistory, monthSeed: number): number {
  const model = MODEL_DEFAULTS;
  if (deployments === 0) return model.baseFailureRate;
  const [failing, healthy] = [1 - model.neverReportFailing, 1 - model.neverReportHealthy];
  const rate = (p0 * healthy) / (failing * (1 - p0) + p0 * healthy);
  const sigma = Math.sqrt(Math.log1p(p0Variation ** 2));
  return Math.min(0.9, rate * Math.exp(sigma * normal(monthSeed, "drift") - sigma ** 2 / 2));
}
