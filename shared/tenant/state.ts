import { clock } from "../clock.js";
import { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { writeAsRead } from "../store/concurrent.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { Enrolment, NEW_TENANT, type TenantState, TenantStatus, tenantStateSchema } from "./schema.js";

/** How long another instance may act on what was true before, ms of domain time. */
const CACHE_MS = 60_000;
const PARTITION = "tenant";
const ID = "state";

let cached: { readonly at: number; readonly state: Promise<TenantState> } | undefined;

/**
 * What is known of the tenant.
 * @param maxAgeMs how old it may be, ms; what this instance changes is known at once
 */
export async function tenantState(maxAgeMs = CACHE_MS): Promise<TenantState> {
  const now = clock.now();
  if (cached === undefined || Math.abs(now - cached.at) >= maxAgeMs) {
    const state = read();
    cached = { at: now, state };
    state.catch(() => {
      if (cached?.state === state) cached = undefined;
    });
  }
  return cached.state;
}

/**
 * Changes the state; a change meanwhile by somebody else is met by changing the newer state.
 * @param change gives the state itself back when there is nothing to change
 */
export function changeTenant(change: (state: TenantState) => TenantState): Promise<TenantState> {
  const retry = (error: AppError) => error.retryable || error.code === "conflict";
  return withBackoff({ ...STORAGE_BACKOFF, tries: 10, retry, seed: ID }, async () => {
    const tenants = await store();
    const found = await tenants.get(PARTITION, ID);
    const before = found?.body ?? NEW_TENANT;
    const after = change(before);
    if (after !== before) await writeAsRead(tenants, [PARTITION, ID], after, found);
    cached = { at: clock.now(), state: Promise.resolve(after) };
    return after;
  });
}

/**
 * Passes while the service may act in the tenant. Throws `not_enrolled` before enrolment and after leaving, and
 * `tenant_inactive` while licences or consent are missing (autopatch.md §4.7).
 */
export async function requireActiveTenant(): Promise<void> {
  refuseInactive(await tenantState());
}

/** Passes for an enrolled tenant, Active or not: what tenant management keeps belongs to an enrolment. */
export async function requireEnrolled(): Promise<void> {
  const { enrolment } = await tenantState();
  if (enrolment !== Enrolment.enrolled) throw new AppError("not_enrolled", refusals[enrolment]);
}

/** Whether the tenant is one of the service's, so that data about its devices may be kept. */
export function isServed({ enrolment }: Pick<TenantState, "enrolment">): boolean {
  return enrolment === Enrolment.enrolled;
}

/** Whether the service may act in the tenant now. */
export function isActive(state: TenantState): boolean {
  return isServed(state) && state.status === TenantStatus.active;
}

/** The rule of `requireActiveTenant` for a state at hand. */
export function refuseInactive(state: TenantState): void {
  const { enrolment, status, reasons } = state;
  if (!isServed(state)) throw new AppError("not_enrolled", refusals[enrolment], { details: { enrolment } });
  if (status === TenantStatus.active) return;
  const actions = reasons.map(({ action }) => action);
  const message = `The tenant is Inactive (${actions.join("; ")}) and can only be read. ${reasons.map((reason) => reason.message).join(" ")} It is checked every hour, or at once with POST /api/v1/tenant/check.`;
  throw new AppError("tenant_inactive", message, { details: { actions } });
}

const refusals: Readonly<Record<Enrolment, string>> = {
  none: "The tenant is not enrolled, so that nothing can be changed in it. Enrol it with POST /api/v1/tenant/enrol.",
  enrolled: "",
  leaving: "The tenant is leaving the service, which deletes its data now. Enrol it again when that has finished.",
  left: "The tenant has left the service. Enrol it again with POST /api/v1/tenant/enrol.",
};

async function store(): Promise<Documents<TenantState>> {
  return documents(await table("Tenant"), tenantStateSchema);
}

async function read(): Promise<TenantState> {
  return (await (await store()).get(PARTITION, ID))?.body ?? NEW_TENANT;
}
