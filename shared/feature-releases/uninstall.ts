import { z } from "zod";
import { addDays, utcDate } from "../calendar/days.js";
import { AppError } from "../errors.js";
import type { RingRef } from "./phases.js";
import {
  type Decision,
  type FeatureRelease,
  FeatureStatus,
  type Phase,
  type PhaseRing,
  reasonSchema,
  refused,
} from "./release.js";
import { goalDate, startOf } from "./schedule.js";

export const ringRef = z.strictObject({ groupId: z.string(), ring: z.string() });

export const uninstallForm = z.strictObject({
  ...reasonSchema.shape,
  phases: z.array(z.int().min(1)).min(1).max(100).optional().describe("Numbers of phases whose rings are meant."),
  rings: z.array(ringRef).min(1).max(1000).optional().describe("Rings; default: all rings of the phases."),
});
export type UninstallForm = z.infer<typeof uninstallForm>;

/** What is known of a ring's devices that have the version. */
export interface RingInstalls extends RingRef {
  /** Days within which Windows can go back: a setting of the group, 2 to 60 (autopatch.md §5.6). */
  readonly windowDays: number;
  /** When devices installed the update, ms, and whether as an enablement package; empty where nothing is known. */
  readonly installs: readonly { readonly at: number; readonly isEnablementPackage: boolean }[];
}

/**
 * The release with an order to uninstall its feature update in rings: their update rings roll it back until the uninstall
 * window is over, and feature updates stay paused there until somebody resumes them (autopatch.md §5.6).
 * @param installsOf what is known of a ring
 * @param now ms
 * @throws AppError `rule_violated` or `conflict` naming the ring and the rule, and then nothing is changed
 */
export function orderUninstall(
  release: FeatureRelease,
  form: Pick<UninstallForm, "phases" | "rings">,
  because: Decision,
  installsOf: (ring: RingRef) => RingInstalls,
  now: number,
): FeatureRelease {
  const chosen = chosenRings(release, form);
  for (const { phase, ring } of chosen) checkRing(release, phase, ring, installsOf(ring), now);
  return {
    ...release,
    phases: release.phases.map((phase) => {
      const rings = phase.rings.map((ring) => {
        if (!chosen.some((each) => each.ring === ring)) return ring;
        const until = addDays(now, installsOf(ring).windowDays);
        return { ...ring, uninstall: { since: now, until, hasEnded: false } };
      });
      if (!chosen.some((each) => each.phase === phase)) return phase;
      const isWhole = rings.every(({ movedTo, uninstall }) => movedTo !== null || uninstall !== undefined);
      const paused = isWhole ? { status: FeatureStatus.paused, because } : {};
      return { ...phase, rings, pending: true, ...paused };
    }),
  };
}

/** Whether feature updates of a ring are paused because theirs was uninstalled. */
export function isUninstalled({ uninstall }: Pick<PhaseRing, "uninstall">): boolean {
  return uninstall !== undefined;
}

/** Whether devices of a ring are to go back now. */
export function isRollingBack({ uninstall }: Pick<PhaseRing, "uninstall">): boolean {
  return uninstall !== undefined && !uninstall.hasEnded;
}

/** The release with the orders ended whose window is over; feature updates stay paused. The same one when none is. */
export function withEndedUninstalls(release: FeatureRelease, now: number): FeatureRelease {
  const isOver = (ring: PhaseRing) => isRollingBack(ring) && now >= (ring.uninstall?.until ?? now);
  if (!release.phases.some(({ rings }) => rings.some(isOver))) return release;
  return {
    ...release,
    phases: release.phases.map((phase) => {
      if (!phase.rings.some(isOver)) return phase;
      const ended = (ring: PhaseRing) =>
        ring.uninstall === undefined || !isOver(ring)
          ? ring
          : { ...ring, uninstall: { ...ring.uninstall, hasEnded: true } };
      return { ...phase, rings: phase.rings.map(ended), pending: true };
    }),
  };
}

/** A phase without the orders in its rings. */
export function withoutUninstalls(phase: Phase): Phase {
  return { ...phase, rings: phase.rings.map(({ uninstall: _order, ...ring }) => ring) };
}

/** A ring in its phase. */
export interface Chosen {
  readonly phase: Phase;
  readonly ring: PhaseRing;
}

/** The rings of phases, or those that are named. Throws for phases and rings that the release does not have. */
export function chosenRings(
  { name, phases }: FeatureRelease,
  form: { readonly phases?: readonly number[] | undefined; readonly rings?: readonly RingRef[] | undefined },
): Chosen[] {
  const unknown = form.phases?.find((number) => !phases.some((phase) => phase.number === number));
  if (unknown !== undefined) {
    const message = `release ${name} has no phase ${unknown}; it has ${phases.length}`;
    throw refused("unknownPhase", "phases", message, { limit: phases.length });
  }
  const all = phases
    .filter(({ number }) => form.phases?.includes(number) ?? true)
    .flatMap((phase) => phase.rings.map((ring) => ({ phase, ring })))
    .filter(({ ring }) => ring.movedTo === null);
  if (form.rings !== undefined)
    return form.rings.map(({ groupId, ring: wanted }, index) => {
      const found = all.find(({ ring }) => ring.groupId === groupId && ring.ring === wanted);
      if (found !== undefined) return found;
      const message = `ring ${wanted} of group ${groupId} is in no such phase of release ${name}; GET the release to see its rings`;
      throw refused("unknownRing", `rings[${index}]`, message, { groupId, ring: wanted });
    });
  // Without a choice phases that never began are not meant.
  return form.phases === undefined ? all.filter(({ phase }) => hasPolicy(phase)) : all;
}

function hasPolicy({ status }: Phase): boolean {
  return status === FeatureStatus.active || status === FeatureStatus.paused;
}

function checkRing(
  { version, ...release }: FeatureRelease,
  phase: Phase,
  { groupId, ring, uninstall }: PhaseRing,
  { windowDays, installs }: RingInstalls,
  now: number,
): void {
  const details = { groupId, ring, phase: phase.number };
  const where = `ring ${ring} of group ${groupId}`;
  if (!hasPolicy(phase) || now < startOf(phase.firstDate)) {
    const message = `${where} is in phase ${phase.number}, which is ${phase.status} and begins on ${phase.firstDate}: nothing of it is installed. Cancel release ${release.name} or edit its dates instead. Nothing was changed.`;
    throw new AppError("conflict", message, { field: "rings", details: { rule: "uninstallNotBegun", ...details } });
  }
  if (uninstall !== undefined) {
    const message = `${where} has its feature update uninstalled already. Resume phase ${phase.number} to offer it again. Nothing was changed.`;
    throw new AppError("conflict", message, { field: "rings", details: { rule: "uninstalledAlready", ...details } });
  }
  if (installs.length > 0 && installs.every(({ isEnablementPackage }) => isEnablementPackage)) {
    const message = `devices of ${where} got ${version} as an enablement package, which Windows does not uninstall; pause the phase, and wait for a fix`;
    throw refused("enablementPackage", "rings", message, details);
  }
  const last = Math.max(...installs.map(({ at }) => at));
  const begins = installs.length > 0 ? last : startOf(goalDate(phase));
  const closes = addDays(begins, windowDays);
  if (now < closes) return;
  const message = `the uninstall window of ${windowDays} days of ${where} ended on ${utcDate(closes)}, ${installs.length > 0 ? "counted from its last installation" : "counted from the goal date of its phase"}; Windows has removed what going back needs, so pause the phase instead`;
  throw refused("uninstallWindow", "rings", message, { ...details, limit: windowDays });
}
