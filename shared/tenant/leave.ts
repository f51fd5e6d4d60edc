import type { Actor } from "../access/roles.js";
import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { iso } from "../calendar/days.js";
import { AppError } from "../errors.js";
import { Enrolment, type TenantState } from "./schema.js";
import { changeTenant } from "./state.js";

/**
 * Has the tenant leave: from now on the service does nothing in it. Asking again while it leaves changes nothing.
 * @throws AppError `not_enrolled` when there is nothing to leave
 */
export async function beginLeaving(actor: Actor, now: number): Promise<TenantState> {
  const by = { id: actor.id, name: actor.name };
  const at = iso(now);
  const state = await changeTenant((before) => {
    if (before.enrolment === Enrolment.leaving) return before;
    if (before.enrolment !== Enrolment.enrolled) {
      throw new AppError("not_enrolled", "The tenant is not enrolled, so that there is nothing to leave.");
    }
    return { ...before, enrolment: Enrolment.leaving, unenrolment: { by, at, finishedAt: null } };
  });
  if (state.unenrolment?.at === at) {
    await audit({ at: now, actor, action: "tenant.unenrol", target: "tenant", key: at });
  }
  return state;
}

/** The service's data are gone. May be repeated. */
export async function finishLeaving(now: number): Promise<void> {
  const finishedAt = iso(now);
  const state = await changeTenant((before) => {
    if (before.enrolment !== Enrolment.leaving || before.unenrolment === null) return before;
    const unenrolment = { ...before.unenrolment, finishedAt };
    return { ...before, enrolment: Enrolment.left, reasons: [], terms: null, consent: null, unenrolment };
  });
  if (state.unenrolment?.finishedAt !== finishedAt) return;
  await audit({ at: now, actor: SERVICE, action: "tenant.left", target: "tenant", key: finishedAt });
}
