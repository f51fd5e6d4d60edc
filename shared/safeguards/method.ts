/**
 * Constants of the early safeguards (gate.md §6). Models are stored with `SAFEGUARD_METHOD`: change any of these, or the
 * arithmetic in train.ts and risk.ts, and the version must change with it.
 */
export const SAFEGUARD_METHOD = "likely-issues/1";

/** λ of the ridge penalty λ/2·Σβ². */
export const RIDGE = 2;
/** Passes of AdaGrad over the outcomes. */
export const PASSES = 60;
/** First step of AdaGrad; later ones shrink with the gradients seen. */
export const LEARNING_RATE = 0.2;
/** Standard deviations from the mean at which a number is cut off, so that no outlier decides alone. */
export const NUMBER_LIMIT = 3;

/** Finished outcomes below which there is no model. */
export const FEWEST_OUTCOMES = 1_000;
/** Standard errors by which the lower bound of a risk lies below it: one-sided 90 %. */
export const BOUND_DEVIATIONS = 1.2816;

/** A device is held when the lower bound of its risk is above this many tolerated rates … */
export const TOLERANCE_MULTIPLE = 5;
/** … and above this. */
export const SMALLEST_RISK = 0.02;
/** Share of a ring that may be held. */
export const LARGEST_SHARE = 0.05;

/** E below which a release counts as quiet, and the days of quiet after Broad opened that release the devices. */
export const QUIET_EVIDENCE = 2;
export const QUIET_DAYS = 7;
