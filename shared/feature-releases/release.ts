import { z } from "zod";
import { AppError } from "../errors.js";

/** Where a phase of a feature release is, and a release as a whole (autopatch.md §6.3). */
export const FeatureStatus = {
  /** It has no policy in the tenant yet. */
  scheduled: "Scheduled",
  /** Its policy has been made. */
  active: "Active",
  /** All its rings went to another release, and its policy is assigned to nobody. */
  inactive: "Inactive",
  /** Until somebody resumes it: there is no end. */
  paused: "Paused",
  canceled: "Canceled",
} as const;
export type FeatureStatus = (typeof FeatureStatus)[keyof typeof FeatureStatus];

/** Why somebody pauses or cancels (autopatch.md §6.3, 6.5: a reason from a list; the list is our own). */
export const Reason = {
  updateIssue: "updateIssue",
  applicationCompatibility: "applicationCompatibility",
  deviceIssue: "deviceIssue",
  changeFreeze: "changeFreeze",
  schedule: "schedule",
  other: "other",
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

export const reasonSchema = z.object({
  reason: z.enum(Reason),
  text: z.string().trim().max(1000).optional(),
});

const decisionSchema = reasonSchema.extend({
  /** ms */
  at: z.number(),
  by: z.object({ id: z.string(), name: z.string() }),
});
export type Decision = z.infer<typeof decisionSchema>;

const phaseRingSchema = z.object({
  groupId: z.string(),
  ring: z.string(),
  /** Release to which its group went since; its devices are none of this phase's any more. */
  movedTo: z.string().nullable(),
  /** Its feature update is to be uninstalled (uninstall.ts), instants in ms; feature updates stay paused until resumed. */
  uninstall: z.object({ since: z.number(), until: z.number(), hasEnded: z.boolean() }).optional(),
  /** People have paused it alone, in a phase that goes on, until it is resumed. */
  paused: z.boolean().optional(),
  /** The service has the update suspended there: the gate holds it, or the release heard of a pause. */
  suspended: z.boolean().optional(),
});
export type PhaseRing = z.infer<typeof phaseRingSchema>;

export const phaseSchema = z.object({
  /** From 1, in the order of the phases. */
  number: z.int().min(1),
  rings: z.array(phaseRingSchema),
  /** `YYYY-MM-DD`, in UTC. */
  firstDate: z.string(),
  /** As wanted; once the phase begins, as its devices allow. */
  gradualGroups: z.int().min(1),
  /** Days between them. */
  daysBetween: z.int().min(1),
  status: z.enum(FeatureStatus),
  /** Why it is paused or canceled. */
  because: decisionSchema.nullable(),
  policyId: z.string().nullable(),
  /** When the automation turned to it, ms. */
  startedAt: z.number().nullable(),
  /** Whether the tenant is still to be brought in line with it. */
  pending: z.boolean(),
});
export type Phase = z.infer<typeof phaseSchema>;

export const featureReleaseSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** As the feature catalogue names it: `Windows 11, version 24H2`. */
  version: z.string(),
  /** Build of the version: 26100. */
  build: z.int().positive(),
  groupIds: z.array(z.string()),
  phases: z.array(phaseSchema),
  /** ms */
  createdAt: z.number(),
  createdBy: z.object({ id: z.string(), name: z.string() }),
});
/** A custom, multi-phase release of a feature update (autopatch.md §6.2). It is never deleted. */
export type FeatureRelease = z.infer<typeof featureReleaseSchema>;

/** What people may do to a release. */
export const FeatureAct = { editDates: "editDates", pause: "pause", resume: "resume", cancel: "cancel" } as const;
export type FeatureAct = (typeof FeatureAct)[keyof typeof FeatureAct];

const { scheduled, active, inactive, paused, canceled } = FeatureStatus;

/** The status in which a phase has to be for an act. */
export const STATUS_FOR: Readonly<Record<FeatureAct, FeatureStatus>> = {
  editDates: scheduled,
  cancel: scheduled,
  pause: active,
  resume: paused,
};

/**
 * The status of a release from those of its phases (autopatch.md §6.3): Scheduled until every phase that was not
 * canceled has its policy; Paused once all that reach devices are, Inactive once none does, else Active.
 */
export function statusOf({ phases }: Pick<FeatureRelease, "phases">): FeatureStatus {
  const statuses = new Set(phases.map(({ status }) => status).filter((status) => status !== canceled));
  if (statuses.size === 0) return canceled;
  if (statuses.has(scheduled)) return scheduled;
  if (statuses.has(active)) return active;
  return statuses.has(paused) ? paused : inactive;
}

/** What may be done to a release now: an act that at least one of its phases permits. */
export function permittedActs({ phases }: Pick<FeatureRelease, "phases">): FeatureAct[] {
  return Object.values(FeatureAct).filter((act) => phases.some((phase) => permits(phase, act)));
}

/** Whether a phase permits an act: its status does, or some of its rings are paused alone or after an uninstallation. */
export function permits({ status, rings }: Pick<Phase, "status" | "rings">, act: FeatureAct): boolean {
  if (status === STATUS_FOR[act]) return true;
  const isPaused = ({ paused: alone, uninstall }: PhaseRing) => alone === true || uninstall !== undefined;
  return act === FeatureAct.resume && status === active && rings.some(isPaused);
}

/** Whether a release is at work for a ring of the group: a phase that has not ended holds one. */
export function targets({ phases }: Pick<FeatureRelease, "phases">, groupId: string): boolean {
  return phases.some(({ status, rings }) => isLive(status) && rings.some((ring) => isHeld(ring, groupId)));
}

/** Whether a phase has or will have a policy that reaches devices. */
export function isLive(status: FeatureStatus): boolean {
  return status === scheduled || status === active || status === paused;
}

function isHeld({ groupId, movedTo }: PhaseRing, wanted: string): boolean {
  return groupId === wanted && movedTo === null;
}

/**
 * The release after a group went to another one: its phases have that group's rings no more, and one without any ring is
 * Inactive (autopatch.md §6.3, row 79). The same release when the group is not in it.
 */
export function withoutGroup(release: FeatureRelease, groupId: string, movedTo: string): FeatureRelease {
  if (!targets(release, groupId)) return release;
  return {
    ...release,
    phases: release.phases.map((phase) => {
      if (!isLive(phase.status) || !phase.rings.some((ring) => isHeld(ring, groupId))) return phase;
      const rings = phase.rings.map((ring) => (isHeld(ring, groupId) ? { ...ring, movedTo } : ring));
      const isEmpty = rings.every((ring) => ring.movedTo !== null);
      return { ...phase, rings, pending: true, status: isEmpty ? inactive : phase.status };
    }),
  };
}

/** A refusal that names the rule; nothing was changed. */
export function refused(rule: string, field: string, message: string, details: object = {}): AppError {
  return new AppError("rule_violated", `${field} is refused: ${message}. Nothing was changed.`, {
    field,
    details: { rule, ...details },
  });
}
