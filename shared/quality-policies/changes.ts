import { z } from "zod";
import { AppError } from "../errors.js";
import { Category, categoriesSchema, newCategoriesSchema } from "./category.js";
import {
  assignedTo,
  MAX_DESCRIPTION,
  MAX_NAME,
  type Person,
  type QualityPolicy,
  sameTarget,
  type Target,
  targetSchema,
  targetText,
} from "./policy.js";

/** Most targets of a policy. */
const MAX_TARGETS = 100;

/** What callers send for a new policy. */
export const newPolicyForm = z.strictObject({
  name: z.string().trim().min(1).max(MAX_NAME),
  description: z.string().trim().max(MAX_DESCRIPTION).default(""),
  hotpatch: z.boolean().default(true).describe("Whether devices that can take hotpatches get them."),
  categories: newCategoriesSchema,
  assignments: z.array(targetSchema).max(MAX_TARGETS).default([]),
});

/** The same for a change: the whole policy. */
export const changedPolicyForm = newPolicyForm.extend({ categories: categoriesSchema });
export type PolicyForm = z.infer<typeof changedPolicyForm>;

/** Throws `rule_violated`: `name` where another policy has it, `overlap` for a target that another one contains. */
export function checkForm(form: PolicyForm, others: readonly QualityPolicy[]): void {
  const named = others.find(({ name }) => name.toLowerCase() === form.name.toLowerCase());
  if (named !== undefined) {
    throw refused("name", "uniqueName", `a quality update policy "${named.name}" exists already. Choose another name.`);
  }
  form.assignments.forEach((target, index) => {
    const container = form.assignments.find((other, at) => at !== index && contains(other, target));
    if (container === undefined) return;
    const text = `${targetText(target)} is in ${targetText(container)} already. Leave one of them out.`;
    throw refused(`assignments.${index}`, "overlap", text);
  });
}

function contains(outer: Target, inner: Target): boolean {
  if (sameTarget(outer, inner)) return true;
  return outer.type === "autopatchGroup" && inner.type === "ring" && outer.groupId === inner.groupId;
}

/** A policy as it was asked for; nothing of it is in the tenant yet. @param now ms */
export function newPolicy(id: string, form: PolicyForm, { id: who, name: by }: Person, now: number): QualityPolicy {
  const { assignments, ...settings } = form;
  return {
    ...{ id, ...settings, decisions: [], leaving: [] },
    assignments: assignments.map((to) => ({ to, since: now })),
    ...{ createdAt: now, createdBy: { id: who, name: by }, changedAt: now },
    ...{ deletedAt: null, pending: true, problem: null },
  };
}

/** The policy with what was sent. @throws AppError `rule_violated`: the method of approval cannot be changed (row 71) */
export function changedPolicy(policy: QualityPolicy, form: PolicyForm, now: number): QualityPolicy {
  if (policy.deletedAt !== null) throw refused("policyId", "deleted", "the policy is being deleted.");
  for (const category of Object.values(Category)) {
    const [before, after] = [policy.categories[category].method, form.categories[category].method];
    if (before === after) continue;
    const text = `updates of this category are approved ${before === "manual" ? "by people" : "by the policy itself"}, and the method cannot be changed after the policy was created. Make a new policy.`;
    throw refused(`categories.${category}.method`, "methodImmutable", text);
  }
  const { assignments, ...settings } = form;
  return { ...assignedTo(policy, assignments, now), ...settings, changedAt: now, pending: true };
}

/** The policy taken from everybody; its devices stay enrolled for a day. */
export function deletedPolicy(policy: QualityPolicy, now: number): QualityPolicy {
  if (policy.deletedAt !== null) return policy;
  return { ...assignedTo(policy, [], now), deletedAt: now, changedAt: now, pending: true };
}

function refused(field: string, rule: string, text: string): AppError {
  return new AppError("rule_violated", `${field}: ${text} Nothing was changed.`, { field, details: { rule } });
}
