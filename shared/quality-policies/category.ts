import { z } from "zod";
import type { CategoryApproval } from "../graph/offering/category-approvals.js";
import type { QualityUpdate } from "../updates/quality-update.js";

/** Kinds of updates about which a policy decides apart from each other (autopatch.md §5.10, row 70). */
export const Category = {
  monthlySecurity: "monthlySecurity",
  monthlyNonSecurity: "monthlyNonSecurity",
  outOfBandSecurity: "outOfBandSecurity",
  outOfBandNonSecurity: "outOfBandNonSecurity",
  /** Remediations that devices fetch when they cannot start; they are no releases of the catalogue. */
  quickMachineRecovery: "quickMachineRecovery",
} as const;
export type Category = (typeof Category)[keyof typeof Category];

/** How updates of a category get their approval; it cannot be changed once the policy exists (row 71). */
export const ApprovalMethod = { automatic: "automatic", manual: "manual" } as const;
export type ApprovalMethod = (typeof ApprovalMethod)[keyof typeof ApprovalMethod];

/** Longest deferral of an automatic approval in days, counted from the publication. */
export const MAX_DEFERRAL_DAYS = 30;

const methodSchema = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal(ApprovalMethod.automatic),
    deferralDays: z.int().min(0).max(MAX_DEFERRAL_DAYS).default(0),
  }),
  z.strictObject({ method: z.literal(ApprovalMethod.manual) }),
]);
export type Method = z.infer<typeof methodSchema>;

export const categoriesSchema = z.strictObject({
  monthlySecurity: methodSchema,
  monthlyNonSecurity: methodSchema,
  outOfBandSecurity: methodSchema,
  outOfBandNonSecurity: methodSchema,
  quickMachineRecovery: methodSchema,
});
export type Categories = z.infer<typeof categoriesSchema>;

const manual = methodSchema.prefault({ method: "manual" });

/** The same for a new policy: monthly security updates are approved by themselves, the others by people (§5.10). */
export const newCategoriesSchema = z
  .strictObject({
    monthlySecurity: methodSchema.prefault({ method: "automatic" }),
    monthlyNonSecurity: manual,
    outOfBandSecurity: manual,
    outOfBandNonSecurity: manual,
    quickMachineRecovery: manual,
  })
  .prefault({});

const IN_GRAPH: Readonly<Record<Category, Pick<CategoryApproval, "cadence" | "category">>> = {
  monthlySecurity: { cadence: "monthly", category: "security" },
  monthlyNonSecurity: { cadence: "monthly", category: "nonSecurity" },
  outOfBandSecurity: { cadence: "outOfBand", category: "security" },
  outOfBandNonSecurity: { cadence: "outOfBand", category: "nonSecurity" },
  quickMachineRecovery: { cadence: "monthly", category: "quickMachineRecovery" },
};

/** The categories as Graph writes them. */
export function approvalsOf(categories: Categories): CategoryApproval[] {
  return Object.values(Category).map((category) => {
    const chosen = categories[category];
    return { ...IN_GRAPH[category], deferralDays: chosen.method === "automatic" ? chosen.deferralDays : null };
  });
}

/** The category of an update of the catalogue. */
export function categoryOf({ cadence, classification }: Pick<QualityUpdate, "cadence" | "classification">): Category {
  const isSecurity = classification === "security";
  if (cadence === "monthly") return isSecurity ? Category.monthlySecurity : Category.monthlyNonSecurity;
  return isSecurity ? Category.outOfBandSecurity : Category.outOfBandNonSecurity;
}
