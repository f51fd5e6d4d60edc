import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { DAY_MS } from "../calendar/days.js";
import { renewSignIn, tenantManagementGraph } from "../graph/client.js";
import { accessProblems } from "./access.js";
import { Enrolment, type Reason, type TenantState, TenantStatus } from "./schema.js";
import { changeTenant, tenantState } from "./state.js";

/** How old the time of the last check may grow while nothing changes, ms: writing it each time says no more. */
const FRESH_MS = DAY_MS;

/**
 * Checks licences and consent of an enrolled tenant, and makes it Inactive or Active by what it finds
 * (autopatch.md §4.7). Once a day, while the tenant is Inactive, and when it is asked to, it looks thoroughly.
 * @param now domain time, ms
 * @throws AppError `throttled` or `unavailable` when Graph gives no answer; the status stays
 */
export async function checkTenant(now: number, asked = false): Promise<TenantState> {
  // What memory says decides only how thoroughly to look; what is written is written over what storage holds.
  const before = await tenantState(asked ? undefined : FRESH_MS);
  if (before.enrolment !== Enrolment.enrolled) return before;
  const stale = before.checkedAt === null || now - Date.parse(before.checkedAt) >= FRESH_MS;
  const thorough = asked || stale || before.status === TenantStatus.inactive;
  if (thorough) renewSignIn();
  const reasons = await accessProblems(tenantManagementGraph(), thorough);
  const status = reasons.length === 0 ? TenantStatus.active : TenantStatus.inactive;
  const same = status === before.status && JSON.stringify(reasons) === JSON.stringify(before.reasons);
  if (same && !thorough) return before;
  const after = await changeTenant((state) => withStatus(state, status, reasons, now));
  if (after.status !== before.status) await noteStatus(after, now);
  return after;
}

function withStatus(state: TenantState, status: TenantStatus, reasons: readonly Reason[], now: number): TenantState {
  if (state.enrolment !== Enrolment.enrolled) return state;
  return { ...state, status, reasons, checkedAt: new Date(now).toISOString() };
}

async function noteStatus({ status, reasons }: TenantState, now: number): Promise<void> {
  const action = status === TenantStatus.active ? "tenant.reactivate" : "tenant.inactivate";
  await audit({ at: now, actor: SERVICE, action, target: "tenant", evidence: { reasons }, key: action });
}
