import type { Actor } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { iso } from "../calendar/days.js";
import { AppError } from "../errors.js";
import { renewSignIn } from "../graph/client.js";
import { runAssessment } from "./assessments.js";
import { checkTenant } from "./check.js";
import { AssessmentResult } from "./checks/check.js";
import { type Contact, checkContacts, setContacts } from "./contacts.js";
import { Enrolment, type TenantState, TenantStatus } from "./schema.js";
import { changeTenant, tenantState } from "./state.js";
import { TERMS_VERSION } from "./terms.js";

export interface Enrolling {
  /** The terms that the administrator has read and accepts. */
  readonly termsVersion: string;
  /** At least one per focus area. */
  readonly contacts: readonly Contact[];
}

/**
 * Enrols the tenant (autopatch.md §4.1): terms accepted, consent given, contacts kept. A tenant that is enrolled already
 * only accepts newer terms. Nothing is kept of an enrolment that is refused, but for its assessment.
 * @throws AppError `invalid_input` for other terms than those in force, `conflict` while the tenant is leaving,
 * `rule_violated` when a check of the assessment is Not ready
 */
export async function enrol({ termsVersion, contacts }: Enrolling, actor: Actor, now: number): Promise<TenantState> {
  if (termsVersion !== TERMS_VERSION) {
    const message = `The terms in force are ${TERMS_VERSION}, not ${termsVersion}. Read them with GET /api/v1/tenant and accept these.`;
    throw new AppError("invalid_input", message, { field: "termsVersion", details: { limit: TERMS_VERSION } });
  }
  const before = await tenantState();
  refuseLeaving(before);
  if (before.enrolment === Enrolment.enrolled && before.terms?.version === termsVersion) return before;
  checkContacts(contacts);
  renewSignIn();
  const { checks } = await runAssessment(actor, now);
  refuseNotReady(checks);
  if (before.enrolment !== Enrolment.enrolled) await setContacts(contacts);
  const after = await changeTenant((state) => enrolled(state, actor, now));
  await audit({ at: now, actor, action: "tenant.enrol", target: "tenant", evidence: { termsVersion }, key: iso(now) });
  return after.checkedAt === null ? checkTenant(now, true) : after;
}

function refuseLeaving({ enrolment }: TenantState): void {
  if (enrolment !== Enrolment.leaving) return;
  throw new AppError("conflict", "The tenant is leaving the service. Enrol it again when its data are deleted.");
}

function refuseNotReady(checks: readonly { readonly name: string; readonly result: AssessmentResult }[]): void {
  const blocking = checks.filter(({ result }) => result === AssessmentResult.notReady).map(({ name }) => name);
  if (blocking.length === 0) return;
  const message = `The tenant cannot enrol: ${blocking.join(", ")} is Not ready. GET /api/v1/tenant/assessment says what to do.`;
  throw new AppError("rule_violated", message, { details: { rule: "notReadyBlocksEnrolment", checks: blocking } });
}

function enrolled(state: TenantState, { id, name }: Actor, now: number): TenantState {
  refuseLeaving(state);
  const act = { by: { id, name }, at: iso(now) };
  const terms = { version: TERMS_VERSION, ...act };
  if (state.enrolment === Enrolment.enrolled) return { ...state, terms, consent: act };
  return {
    enrolment: Enrolment.enrolled,
    status: TenantStatus.active,
    reasons: [],
    terms,
    consent: act,
    enrolledAt: act.at,
    checkedAt: null,
    unenrolment: null,
  };
}
