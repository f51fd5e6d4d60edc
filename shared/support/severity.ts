import { config } from "../config.js";
import { AppError } from "../errors.js";

/** Severities by support contract (autopatch.md §11); the first one is also taken by telephone. */
const SEVERITIES = {
  premier: ["A", "B", "C"],
  unified: ["Critical", "Non-critical"],
} as const;

export const ALL_SEVERITIES = [...SEVERITIES.premier, ...SEVERITIES.unified] as const;
export type Severity = (typeof ALL_SEVERITIES)[number];

/** Severities that a new request may have, by the setting SUPPORT_CONTRACT. */
export function severities(): readonly Severity[] {
  return SEVERITIES[config().SUPPORT_CONTRACT];
}

/** Throws `rule_violated` for a severity of another contract. */
export function checkSeverity(severity: Severity): void {
  const allowed = severities();
  if (allowed.includes(severity)) return;
  const { SUPPORT_CONTRACT: contract } = config();
  throw new AppError(
    "rule_violated",
    `severity: a ${contract} contract knows ${allowed.join(", ")}, not ${severity}.`,
    {
      field: "severity",
      details: { rule: "severityOfContract", limit: allowed },
    },
  );
}
