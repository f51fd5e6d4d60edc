import type { z } from "zod";
import { type AutopatchGroup, groupSchema } from "./group.js";
import { withPresetValues } from "./presets.js";
import { approvalViolations } from "./rules/approvals.js";
import { distributionViolations } from "./rules/distribution.js";
import { gateViolations } from "./rules/gate.js";
import { ringViolations, typedDeadlineViolations } from "./rules/rings.js";
import { refusal, refuseFirst, type Violation } from "./rules/violation.js";

type Issue = z.core.$ZodIssue;

export interface ValidateOptions {
  /**
   * `typed` (default): a person entered the values, so deadlines start at 2 days (0 in the Test ring).
   * `stored`: the service's own values, 0 to 30.
   */
  readonly origin?: "typed" | "stored";
}

/**
 * Checks an Autopatch group and fills in defaults; ring values that are left out are those of its preset. Throws
 * `invalid_input` for a value outside its range and `rule_violated` for rules between fields; `field` names the place,
 * `details` the rule and its limit.
 */
export function validateGroup(input: unknown, { origin = "typed" }: ValidateOptions = {}): AutopatchGroup {
  const parsed = groupSchema.safeParse(withPresetValues(input));
  if (!parsed.success) throw refusal(violationOf(parsed.error.issues[0]), "invalid_input");
  refuseFirst(ringViolations(parsed.data));
  refuseFirst(distributionViolations(parsed.data));
  refuseFirst(gateViolations(parsed.data.gate));
  refuseFirst(approvalViolations(parsed.data.approvals));
  if (origin === "typed") refuseFirst(typedDeadlineViolations(parsed.data), "invalid_input");
  return parsed.data;
}

function violationOf(issue: Issue | undefined): Violation {
  if (issue === undefined) return { field: "group", rule: "shape", message: "it is not a group" };
  return { field: fieldOf(issue), ...limitOf(issue), message: issue.message };
}

function fieldOf(issue: Issue): string {
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "group";
}

function limitOf(issue: Issue): { rule: string; limit?: number } {
  if (issue.code === "too_big") return { rule: "maximum", limit: Number(issue.maximum) };
  if (issue.code === "too_small") return { rule: "minimum", limit: Number(issue.minimum) };
  return { rule: issue.code };
}
