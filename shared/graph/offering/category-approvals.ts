import { z } from "zod";
import { text } from "../lenient.js";

/** How one category of quality updates is approved in a policy (graph.md §1.9, §2.2). */
export interface CategoryApproval {
  readonly cadence: "monthly" | "outOfBand";
  readonly category: "security" | "nonSecurity" | "quickMachineRecovery";
  /** Days after publication after which updates are approved by themselves; null: each waits for its approval. */
  readonly deferralDays: number | null;
}

const CADENCES = ["monthly", "outOfBand"] as const;

/** Every update waits for its approval; the method cannot be changed later (autopatch.md §5.10). */
export const MANUAL: readonly CategoryApproval[] = CADENCES.flatMap((cadence) =>
  (["security", "nonSecurity"] as const).map((category) => ({ cadence, category, deferralDays: null })),
);

/** `approvalSettings` of an Intune policy. */
export function approvalSettings(approvals: readonly CategoryApproval[]): Record<string, unknown>[] {
  return approvals.map(({ cadence, category, deferralDays }) => ({
    windowsQualityUpdateCadence: cadence,
    windowsQualityUpdateCategory: category,
    approvalMethodType: deferralDays === null ? "manual" : "automatic",
    ...(deferralDays === null ? {} : { deferredDeploymentInDay: deferralDays }),
  }));
}

/** What `approvalSettings` says, as far as it is known. */
export const settingsSchema = z
  .array(
    z.object({
      windowsQualityUpdateCadence: text,
      windowsQualityUpdateCategory: text,
      approvalMethodType: text,
      deferredDeploymentInDay: z.number().nullish(),
    }),
  )
  .nullish()
  .transform((settings) =>
    (settings ?? []).map((setting) => ({
      cadence: setting.windowsQualityUpdateCadence,
      category: setting.windowsQualityUpdateCategory,
      deferralDays: setting.approvalMethodType === "automatic" ? (setting.deferredDeploymentInDay ?? 0) : null,
    })),
  );

const NAMESPACE = "#microsoft.graph.windowsUpdates";
const RECOVERY = "recoveryApprovalRule";

/** `approvalRules` of a policy of the group model: what has no rule waits for its approval. */
export function approvalRules(approvals: readonly CategoryApproval[]): Record<string, unknown>[] {
  return automatic(approvals).map(({ cadence, category, deferralDays: deferralInDays }) =>
    category === "quickMachineRecovery"
      ? { "@odata.type": `${NAMESPACE}.${RECOVERY}`, deferralInDays }
      : { "@odata.type": `${NAMESPACE}.qualityUpdateApprovalRule`, cadence, classification: category, deferralInDays },
  );
}

/** What `approvalRules` says. */
export const rulesSchema = z
  .array(z.object({ "@odata.type": text, cadence: text, classification: text, deferralInDays: z.number().nullish() }))
  .nullish()
  .transform((rules) =>
    (rules ?? []).map(({ "@odata.type": type, cadence, classification, deferralInDays }) => {
      const isRecovery = type?.endsWith(RECOVERY) === true;
      return {
        cadence: isRecovery ? "monthly" : cadence,
        category: isRecovery ? "quickMachineRecovery" : classification,
        deferralDays: deferralInDays ?? 0,
      };
    }),
  );

/** The categories that are approved by themselves. */
export function automatic(approvals: readonly CategoryApproval[]): CategoryApproval[] {
  return approvals.filter(({ deferralDays }) => deferralDays !== null);
}

interface Seen {
  readonly cadence: string | null;
  readonly category: string | null;
  readonly deferralDays: number | null;
}

/** Whether two policies approve alike; the order makes no difference. */
export function sameApprovals(left: readonly Seen[], right: readonly Seen[]): boolean {
  const canonical = (approvals: readonly Seen[]) =>
    approvals.map(({ cadence, category, deferralDays }) => `${cadence} ${category} ${deferralDays}`).sort();
  return canonical(left).join() === canonical(right).join();
}
