import type { Category } from "../graph/deployments/content.js";
import { refused } from "./refusals.js";

/** What can be decided about a deployment beyond deferrals and rings. */
export const Capability = {
  approvalAndScheduling: "approvalAndScheduling",
  gradualRollout: "gradualRollout",
  expedite: "expedite",
  safeguardHolds: "safeguardHolds",
} as const;
export type Capability = (typeof Capability)[keyof typeof Capability];

/** Which updates have which capability (Windows updates API overview, "Capabilities of Windows Autopatch"). */
export const CAPABILITIES: Readonly<Record<Capability, Readonly<Record<Category, boolean>>>> = {
  approvalAndScheduling: { quality: false, feature: true, driver: true },
  gradualRollout: { quality: false, feature: true, driver: false },
  expedite: { quality: true, feature: false, driver: false },
  safeguardHolds: { quality: false, feature: true, driver: false },
};

const WORDS: Readonly<Record<Capability, string>> = {
  approvalAndScheduling: "approved one by one and scheduled",
  gradualRollout: "rolled out gradually",
  expedite: "expedited",
  safeguardHolds: "held by safeguards that a deployment can switch off",
};

/** Throws `rule_violated` (capability) unless updates of the category can have what the field asks for. */
export function checkCapability(category: Category, capability: Capability, field: string): void {
  const having = CAPABILITIES[capability];
  if (having[category]) return;
  const able = Object.entries(having).flatMap(([each, can]) => (can ? [each] : []));
  const message = `${category} updates cannot be ${WORDS[capability]}; ${able.join(" and ")} updates can`;
  throw refused("capability", field, message, { capability, category, categories: able });
}
