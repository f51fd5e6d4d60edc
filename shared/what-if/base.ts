import { defaultRings } from "../groups/defaults.js";
import { type AutopatchGroup, gateSettingsSchema } from "../groups/group.js";
import { type DeploymentRing, isDeadlineDriven } from "../groups/ring.js";
import { MODEL_DEFAULTS } from "../model/index.js";
import type { BaseSettings, RingPlan } from "./settings.js";

/** The settings of an Autopatch group, which candidates change. */
export function baseOf({ rings, gate }: Pick<AutopatchGroup, "rings" | "gate">): BaseSettings {
  const { mode, alpha, holdEvidence, harmBound, offers } = gate;
  return { rings: rings.map(planOf), gate: { mode, alpha, holdEvidence, harmBound, offers } };
}

/** The product's five default rings and the default gate. */
export function defaultBase(): BaseSettings {
  return baseOf({ rings: defaultRings(), gate: gateSettingsSchema.parse({}) });
}

/** A ring that installs on a schedule has no deadline; its devices install as the model says of those without. */
function planOf(ring: DeploymentRing): RingPlan {
  const { name, qualityDeferralDays, waves, waveIntervalHours } = ring;
  const qualityDeadlineDays = isDeadlineDriven(ring) ? ring.qualityDeadlineDays : MODEL_DEFAULTS.unsetDeadlineDays;
  return { name, qualityDeferralDays, qualityDeadlineDays, waves, waveIntervalHours };
}
