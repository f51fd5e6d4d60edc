import { z } from "zod";

/** How far a tenant has come with the service (autopatch.md §4.1, §4.6). */
export const Enrolment = { none: "none", enrolled: "enrolled", leaving: "leaving", left: "left" } as const;
export type Enrolment = (typeof Enrolment)[keyof typeof Enrolment];

export const TenantStatus = { active: "Active", inactive: "Inactive" } as const;
export type TenantStatus = (typeof TenantStatus)[keyof typeof TenantStatus];

/** Critical actions of tenant management: while one is open the tenant is Inactive (autopatch.md §4.7). */
export const CriticalAction = {
  licences: "Maintain tenant access: Licenses",
  auth: "Maintain tenant access: Auth",
} as const;
export type CriticalAction = (typeof CriticalAction)[keyof typeof CriticalAction];

const reasonSchema = z.object({
  action: z.enum(CriticalAction),
  /** What was found and what to do. */
  message: z.string(),
});
export type Reason = z.infer<typeof reasonSchema>;

const act = { by: z.object({ id: z.string(), name: z.string() }), at: z.string() };

/** What the service knows of its tenant as a whole. Instants are ISO 8601, UTC, domain time. */
export const tenantStateSchema = z.object({
  enrolment: z.enum(Enrolment),
  status: z.enum(TenantStatus),
  /** Why the tenant is Inactive; empty while it is Active. */
  reasons: z.array(reasonSchema).readonly(),
  /** The terms that were accepted last. */
  terms: z.object({ version: z.string(), ...act }).nullable(),
  /** Consent to the service acting in the tenant. */
  consent: z.object(act).nullable(),
  enrolledAt: z.string().nullable(),
  /** When licences and consent were last checked. */
  checkedAt: z.string().nullable(),
  unenrolment: z.object({ ...act, finishedAt: z.string().nullable() }).nullable(),
});
export type TenantState = z.infer<typeof tenantStateSchema>;

/** A tenant that has never enrolled. */
export const NEW_TENANT: TenantState = {
  enrolment: Enrolment.none,
  status: TenantStatus.active,
  reasons: [],
  terms: null,
  consent: null,
  enrolledAt: null,
  checkedAt: null,
  unenrolment: null,
};
