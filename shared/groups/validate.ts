import type { z } from "zod";
import { AppError, ErrorCode } from "../errors.js";
import { type AutopatchGroup, groupSchema } from "./group.js";
import { groupViolations, typedDeadlineViolations, type Violation } from "./rules.js";

type Issue = z.core.$ZodIssue;

function fieldOf(issue: Issue): string {
  const text = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "group";
}

function limitOf(issue: Issue): { rule: string; limit?: number } {
  if (issue.code === "too_big") return { rule: "maximum", limit: Number(issue.maximum) };
  if (issue.code === "too_small") return { rule: "minimum", limit: Number(issue.minimum) };
  return { rule: issue.code };
}

function refuse(code: ErrorCode, { field, message, ...details }: Violation): never {
  throw new AppError(code, `${field} is refused: ${message}. Correct it and send the group again.`, { field, details });
}

export interface ValidateOptions {
  /**
   * `typed` (default): a person entered the values, so deadlines start at 2 days (0 in the Test ring).
   * `stored`: the service's own values, 0 to 30.
   */
  readonly origin?: "typed" | "stored";
}

/**
 * Checks an Autopatch group and fills in defaults. Throws `invalid_input` for a value outside its range and
 * `rule_violated` for rules between fields; `field` names the place, `details` the rule and its limit.
 */
export function validateGroup(input: unknown, { origin = "typed" }: ValidateOptions = {}): AutopatchGroup {
  const parsed = groupSchema.safeParse(input);
  const issue = parsed.error?.issues[0];
  if (!parsed.success)
    refuse(
      ErrorCode.invalidInput,
      issue === undefined
        ? { field: "group", rule: "shape", message: "it is not a group" }
        : { field: fieldOf(issue), ...limitOf(issue), message: issue.message },
    );
  for (const found of groupViolations(parsed.data)) refuse(ErrorCode.ruleViolated, found);
  if (origin === "typed")
    for (const found of typedDeadlineViolations(parsed.data)) refuse(ErrorCode.invalidInput, found);
  return parsed.data;
}
