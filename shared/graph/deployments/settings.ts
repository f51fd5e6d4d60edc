import { z } from "zod";
import { bool, dateTime } from "../lenient.js";

/** Settings of a deployment as Graph takes them (graph.md §1.6). Only what is named here is ever sent or compared. */
export interface DeploymentSettings {
  /** ms; null: at once. */
  readonly startAt: number | null;
  readonly rollout: Rollout | null;
  readonly rule: GraphRule | null;
  readonly expedite: { readonly isReadinessTest: boolean; readonly daysUntilForcedReboot: number } | null;
  readonly offerAsOptional: boolean;
  /** Whether holds for likely issues are switched off. */
  readonly ignoresLikelyIssues: boolean;
}

export type Rollout =
  | { readonly kind: "rate"; readonly daysBetweenOffers: number; readonly devicesPerOffer: number }
  | { readonly kind: "date"; readonly daysBetweenOffers: number; readonly endAt: number };

export interface GraphRule {
  readonly signal: "rollback" | "ineligible";
  /** Percent; null where the signal knows none. */
  readonly threshold: number | null;
  readonly action: "alertError" | "pauseDeployment" | "offerFallback";
}

const TYPE = "microsoft.graph.windowsUpdates";
const LIKELY_ISSUES = { category: "likelyIssues" };

/**
 * The settings as a body. Every part is sent whole, for Graph replaces parts as a whole, and parts that are off are sent
 * empty, so that what was there before goes.
 */
export function settingsBody(settings: DeploymentSettings): Record<string, unknown> {
  const { startAt, rollout, rule, expedite, offerAsOptional, ignoresLikelyIssues } = settings;
  const parts = {
    schedule: {
      startDateTime: startAt === null ? null : new Date(startAt).toISOString(),
      gradualRollout: rollout === null ? null : rolloutBody(rollout),
    },
    monitoring: { monitoringRules: rule === null ? [] : [ruleBody(rule)] },
    contentApplicability: { safeguard: { disabledSafeguardProfiles: ignoresLikelyIssues ? [LIKELY_ISSUES] : [] } },
    userExperience: { offerAsOptional },
  };
  if (expedite === null) return { "@odata.type": `${TYPE}.deploymentSettings`, ...parts };
  const { isReadinessTest, daysUntilForcedReboot } = expedite;
  return {
    "@odata.type": `${TYPE}.deploymentSettings`,
    expedite: { isExpedited: true, isReadinessTest },
    userExperience: { daysUntilForcedReboot },
  };
}

function rolloutBody(rollout: Rollout): Record<string, unknown> {
  const durationBetweenOffers = `P${rollout.daysBetweenOffers}D`;
  if (rollout.kind === "date") {
    const endDateTime = new Date(rollout.endAt).toISOString();
    return { "@odata.type": `#${TYPE}.dateDrivenRolloutSettings`, durationBetweenOffers, endDateTime };
  }
  // `devicePerOffer`, as examples spell it, would be dropped without a word, and everybody offered at once.
  const { devicesPerOffer } = rollout;
  return { "@odata.type": `#${TYPE}.rateDrivenRolloutSettings`, durationBetweenOffers, devicesPerOffer };
}

function ruleBody({ signal, threshold, action }: GraphRule): Record<string, unknown> {
  return threshold === null ? { signal, action } : { signal, threshold, action };
}

const instant = dateTime.transform((given) => (given === null ? null : Date.parse(given)));
const count = z
  .number()
  .nullish()
  .transform((given) => given ?? 0);

const rolloutSchema = z
  .object({
    durationBetweenOffers: z.string().nullish(),
    devicesPerOffer: count,
    endDateTime: instant,
  })
  .transform(({ durationBetweenOffers, devicesPerOffer, endDateTime }): Rollout | null => {
    const daysBetweenOffers = Number(/^P(\d+)D$/.exec(durationBetweenOffers ?? "P1D")?.[1] ?? 1);
    if (endDateTime !== null) return { kind: "date", daysBetweenOffers, endAt: endDateTime };
    return devicesPerOffer === 0 ? null : { kind: "rate", daysBetweenOffers, devicesPerOffer };
  });

const ruleSchema = z.object({
  signal: z.enum(["rollback", "ineligible"]),
  threshold: z
    .number()
    .nullish()
    .transform((given) => given ?? null),
  action: z.enum(["alertError", "pauseDeployment", "offerFallback"]),
});

/** Settings as Graph keeps them; absent parts are those that are off. */
export const settingsSchema = z
  .object({
    schedule: z.object({ startDateTime: instant, gradualRollout: rolloutSchema.nullish() }).nullish(),
    monitoring: z.object({ monitoringRules: z.array(ruleSchema).nullish() }).nullish(),
    expedite: z.object({ isExpedited: bool, isReadinessTest: bool }).nullish(),
    userExperience: z.object({ daysUntilForcedReboot: count, offerAsOptional: bool }).nullish(),
    contentApplicability: z
      .object({
        safeguard: z
          .object({ disabledSafeguardProfiles: z.array(z.object({ category: z.string() })).nullish() })
          .nullish(),
      })
      .nullish(),
  })
  .nullish()
  .transform((given): DeploymentSettings => {
    const disabled = given?.contentApplicability?.safeguard?.disabledSafeguardProfiles ?? [];
    const isReadinessTest = given?.expedite?.isReadinessTest ?? false;
    const daysUntilForcedReboot = given?.userExperience?.daysUntilForcedReboot ?? 0;
    return {
      startAt: given?.schedule?.startDateTime ?? null,
      rollout: given?.schedule?.gradualRollout ?? null,
      rule: given?.monitoring?.monitoringRules?.[0] ?? null,
      expedite: given?.expedite?.isExpedited === true ? { isReadinessTest, daysUntilForcedReboot } : null,
      offerAsOptional: given?.userExperience?.offerAsOptional ?? false,
      ignoresLikelyIssues: disabled.some(({ category }) => category === LIKELY_ISSUES.category),
    };
  });

/** Whether Graph keeps what was wanted: a write that it accepted may have stored something else (graph.md §1.5). */
export function sameSettings(a: DeploymentSettings, b: DeploymentSettings): boolean {
  return JSON.stringify(comparable(a)) === JSON.stringify(comparable(b));
}

function comparable({ startAt, rollout, rule, expedite, offerAsOptional, ignoresLikelyIssues }: DeploymentSettings) {
  const pace =
    rollout === null
      ? null
      : [rollout.kind, rollout.daysBetweenOffers, rollout.kind === "rate" ? rollout.devicesPerOffer : rollout.endAt];
  const urgent = expedite === null ? null : [expedite.isReadinessTest, expedite.daysUntilForcedReboot];
  return [
    startAt,
    pace,
    rule && [rule.signal, rule.threshold, rule.action],
    urgent,
    offerAsOptional,
    ignoresLikelyIssues,
  ];
}
