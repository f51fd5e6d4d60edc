import type { Assessment } from "./assessments.js";
import { AssessmentResult } from "./checks/check.js";
import type { TenantState } from "./schema.js";
import { TERMS, TERMS_VERSION } from "./terms.js";

/** Something that an administrator has to do in tenant management (autopatch.md §10.4). */
export interface TenantAction {
  readonly name: string;
  /** A critical action makes the tenant Inactive until it is done. */
  readonly severity: "critical" | "advisory";
  readonly message: string;
  readonly todo?: string | undefined;
}

/** The tenant as the API shows it. */
export function tenantView(state: TenantState, assessment: Assessment | undefined) {
  return { ...state, currentTerms: { version: TERMS_VERSION, text: TERMS }, actions: actionsOf(state, assessment) };
}

function actionsOf({ reasons }: TenantState, assessment: Assessment | undefined): TenantAction[] {
  const critical = reasons.map(({ action, message }) => ({ name: action, severity: "critical" as const, message }));
  const open = assessment?.deidentified === false ? assessment.checks : [];
  const advisory = open
    .filter(({ result }) => result !== AssessmentResult.ready)
    .map(({ name, message = "", todo }) => ({ name, severity: "advisory" as const, message, todo }));
  return [...critical, ...advisory];
}
