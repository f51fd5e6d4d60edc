import { AppError, ErrorCode } from "../errors.js";

/**
 * How devices take an update (gate.md §1a). Shares and rates are 0–1, lengths of time as the name says. The figures of
 * every benchmark hang on these, so a benchmark prints them beside its results.
 */
export interface ModelParameters {
  /** Share of devices that are mostly offline. Default 0.10. */
  readonly offlineShare: number;
  /** Shortest deadline D that the install delay is computed with, days. Default 0.75. */
  readonly shortestDeadlineDays: number;
  /** Mean install delay of an active device = this × D + `activeBaseDays`. Default 0.6. */
  readonly activeMeanPerDeadline: number;
  /** Days. Default 0.2. */
  readonly activeBaseDays: number;
  /** An active device installs at the latest at D + U(0, this) days. Default 0.5. */
  readonly forcedSpreadDays: number;
  /** An offline device installs at D + Exp(mean this) days. Default 6. */
  readonly offlineMeanDays: number;
  /** Deadline assumed where no policy sets one, days. Default 2. */
  readonly unsetDeadlineDays: number;
  /** Share of forced devices whose user lets the whole grace period pass after the restart became pending. Default 1. */
  readonly ignoredRestartShare: number;
  /** Otherwise: mean wait from pending to done restart, hours. Default 2. */
  readonly restartWaitHours: number;
  /** Rate at which a healthy update fails (p0). Default 0.002. */
  readonly baseFailureRate: number;
  /** Median of the log-normal report delay, days. Default 1. */
  readonly reportMedianDays: number;
  /** Sigma of the logarithm for a failing device. Default 0.8. */
  readonly reportSigmaFailing: number;
  /** Sigma of the logarithm for a healthy device. Default 0.6. */
  readonly reportSigmaHealthy: number;
  /** Share of failing devices that never report. Default 0.15. */
  readonly neverReportFailing: number;
  /** Share of healthy devices that never report. Default 0.02. */
  readonly neverReportHealthy: number;
  /** A change of policy reaches a device in U(0, this) hours. Default 8. */
  readonly policyReachHours: number;
  /** Attempts after the first failed one. Default 2. */
  readonly retryLimit: number;
  /** A retry comes U(this, 2 × this) days after the failure. Default 2. */
  readonly retryAfterDays: number;
  /** Chance that a retry ends well, if the update itself is not to blame. Default 0.5. */
  readonly retrySuccess: number;
}

export const MODEL_DEFAULTS: ModelParameters = {
  offlineShare: 0.1,
  shortestDeadlineDays: 0.75,
  activeMeanPerDeadline: 0.6,
  activeBaseDays: 0.2,
  forcedSpreadDays: 0.5,
  offlineMeanDays: 6,
  unsetDeadlineDays: 2,
  ignoredRestartShare: 1,
  restartWaitHours: 2,
  baseFailureRate: 0.002,
  reportMedianDays: 1,
  reportSigmaFailing: 0.8,
  reportSigmaHealthy: 0.6,
  neverReportFailing: 0.15,
  neverReportHealthy: 0.02,
  policyReachHours: 8,
  retryLimit: 2,
  retryAfterDays: 2,
  retrySuccess: 0.5,
};

const SHARES: readonly (keyof ModelParameters)[] = [
  "offlineShare",
  "ignoredRestartShare",
  "baseFailureRate",
  "neverReportFailing",
  "neverReportHealthy",
  "retrySuccess",
];

/**
 * The defaults with some parameters replaced.
 * @throws AppError `invalid_input` naming the parameter that is out of range.
 */
export function modelParameters(overrides: Partial<ModelParameters> = {}): ModelParameters {
  const parameters = { ...MODEL_DEFAULTS, ...overrides };
  for (const [name, value] of Object.entries(parameters)) {
    const share = SHARES.includes(name as keyof ModelParameters);
    if (Number.isFinite(value) && value >= 0 && (!share || value <= 1)) continue;
    const range = share ? "a share from 0 to 1" : "a finite number of at least 0";
    throw new AppError(ErrorCode.invalidInput, `Model parameter ${name} is ${value}, but must be ${range}.`, {
      field: name,
    });
  }
  return parameters;
}
