import { addDays } from "../calendar/days.js";
import { AppError, ErrorCode } from "../errors.js";

/** A ring pause ends by itself after this many days (autopatch.md §5.6). */
export const PAUSE_LIMIT_DAYS = 35;

/** A pause set by an administrator; only an administrator or the limit ends it. Instants in ms. */
export interface TenantPause {
  readonly since: number;
  readonly until: number;
  readonly by: string;
  readonly justification?: string;
  /** Whether the administrator says that a Windows update is the cause; then `details` explain it. */
  readonly relatedToWindowsUpdate?: boolean;
  readonly details?: string;
}

/** A pause set by the service (health gate, monitoring rule); lasts until a person decides. */
export interface ServicePause {
  readonly since: number;
  readonly reason: string;
}

export interface Pauses {
  readonly tenant: TenantPause | null;
  readonly service: ServicePause | null;
}

export const NOT_PAUSED: Pauses = { tenant: null, service: null };

/** What an administrator fills in (row 60). */
export type PauseForm = Pick<TenantPause, "by" | "justification" | "relatedToWindowsUpdate" | "details">;

/** A new tenant pause. Throws `invalid_input` when it is put down to a Windows update without details. */
export function tenantPause(form: PauseForm, at: number): TenantPause {
  if (form.relatedToWindowsUpdate === true && !form.details?.trim())
    throw new AppError(
      ErrorCode.invalidInput,
      "details are missing: a pause related to Windows Update must say what happened. Add details and pause again.",
      { field: "details" },
    );
  return {
    since: at,
    until: addDays(at, PAUSE_LIMIT_DAYS),
    by: form.by,
    ...(form.justification === undefined ? {} : { justification: form.justification }),
    ...(form.relatedToWindowsUpdate === undefined ? {} : { relatedToWindowsUpdate: form.relatedToWindowsUpdate }),
    ...(form.details === undefined ? {} : { details: form.details }),
  };
}

/** Extending starts the 35 days again, counted from now. */
export function extended(pause: TenantPause, at: number): TenantPause {
  return { ...pause, until: addDays(at, PAUSE_LIMIT_DAYS) };
}

/** The pauses in force at `now`: a tenant pause past its limit has ended. */
export function pausesAt(pauses: Pauses, now: number): Pauses {
  return pauses.tenant !== null && pauses.tenant.until <= now ? { ...pauses, tenant: null } : pauses;
}

export function isPaused(pauses: Pauses, now: number): boolean {
  const { tenant, service } = pausesAt(pauses, now);
  return tenant !== null || service !== null;
}

/** The instant at which the pause ends by itself; null when only a person ends it. Undefined when nothing is paused. */
export function pausedUntil(pauses: Pauses, now: number): number | null | undefined {
  const { tenant, service } = pausesAt(pauses, now);
  if (service !== null) return null;
  return tenant?.until;
}
