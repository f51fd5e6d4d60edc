import { AppError, type ErrorCode } from "../../errors.js";

/** A rule that the input breaks. */
export interface Violation {
  readonly field: string;
  readonly rule: string;
  readonly limit?: number | string;
  readonly message: string;
  /** Anything else that helps: where a directory group is used already. */
  readonly [detail: string]: unknown;
}

/** The refusal of a violation: `field` names the place, `details` the rule and its limit. */
export function refusal({ field, message, ...details }: Violation, code: ErrorCode = "rule_violated"): AppError {
  return new AppError(code, `${field} is refused: ${message}. Correct it and send the group again.`, {
    field,
    details,
  });
}

/** Throws the first violation, if there is one. */
export function refuseFirst(violations: Iterable<Violation>, code?: ErrorCode): void {
  for (const violation of violations) throw refusal(violation, code);
}

/** Throws unless there is no violation; where there are several, `details.problems` has them all. */
export function refuseAll(violations: readonly Violation[]): void {
  const [first] = violations;
  if (first === undefined) return;
  throw refusal(violations.length === 1 ? first : { ...first, problems: violations });
}
