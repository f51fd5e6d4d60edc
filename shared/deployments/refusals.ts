import { AppError } from "../errors.js";

/** Something that a rule forbids. @param details what helps to understand: limits, ids */
export function refused(
  rule: string,
  field: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError {
  const text = `${field} is refused: ${message}. Nothing was changed.`;
  return new AppError("rule_violated", text, { field, details: { rule, ...details } });
}

/** Ids for people: the first few, and how many more. */
export function someOf(ids: readonly string[], most = 5): string {
  const more = ids.length > most ? ` and ${ids.length - most} more` : "";
  return `${ids.slice(0, most).join(", ")}${more}`;
}
