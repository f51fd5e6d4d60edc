import { audit } from "../audit/audit.js";
import { DAY_MS } from "../calendar/days.js";
import { graphClient } from "../graph/client.js";
import type { StoredGroup } from "../groups/store.js";
import type { RingPlan } from "../releases/plan.js";
import type { ReleaseCommand } from "../releases/release-commands.js";
import type { Release, ReleaseRing } from "../releases/store.js";
import { Workload, type WorkloadUpdate, workloadOf } from "../updates/update.js";
import type { PersonalPause } from "../workloads/workload.js";
import { applyPhases } from "./apply.js";
import { pausePhases } from "./commands.js";
import { ringsOf } from "./policy.js";
import { type FeatureRelease, FeatureStatus, Reason } from "./release.js";
import { changeFeatureRelease } from "./store.js";
import { isUninstalled } from "./uninstall.js";
import { featureUpdateOf } from "./update.js";

/** A pause that ends within so many days is extended, for that of a phase ends when somebody resumes it (§6.5). */
const EXTEND_WITHIN_DAYS = 10;

/** A group in which nothing measures a feature release yet, and what it brings there. */
export interface Unmeasured {
  readonly group: StoredGroup;
  readonly update: WorkloadUpdate;
}

/** Groups in which a phase has begun and that have no release of the workload for it yet. */
export function unmeasured(
  features: readonly FeatureRelease[],
  groups: readonly StoredGroup[],
  releases: readonly Release[],
): Unmeasured[] {
  return features.flatMap((feature) =>
    groups.flatMap((group) => {
      const hasBegun = feature.phases.some(
        (phase) => phase.policyId !== null && ringsOf(phase).some(({ groupId }) => groupId === group.id),
      );
      const isMeasured = releases.some((release) => release.groupId === group.id && isOf(release, feature));
      const update = hasBegun && !isMeasured ? featureUpdateOf(feature, group.id) : undefined;
      return update === undefined ? [] : [{ group, update }];
    }),
  );
}

/** Whether a release measures a feature release. */
export function isOf({ update }: Pick<Release, "update">, { id }: Pick<FeatureRelease, "id">): boolean {
  return workloadOf(update) === Workload.feature && update.catalogEntryId === id;
}

type Told = ReleaseCommand & { readonly kind: "pause" | "resume" | "extend" | "cancel" };

/**
 * What a release has to be told so that it is as the phases are: rings of paused phases are paused for as long, those of
 * others are not, and it ends with the last of its rings.
 * @param now ms
 */
export function commandsFor(release: Release, feature: FeatureRelease, now: number): Told[] {
  if (release.state.phase === "ended" || release.state.ending !== null) return [];
  const by = `feature release ${feature.name}`;
  if (featureUpdateOf(feature, release.groupId) === undefined) return [{ kind: "cancel", at: now, by }];
  const paused = new Set(
    feature.phases
      .flatMap((phase) => ringsOf(phase).filter((ring) => phase.status === FeatureStatus.paused || ring.paused))
      .filter(({ groupId }) => groupId === release.groupId)
      .map(({ ring }) => ring),
  );
  const rings = release.state.rings.filter(({ phase }) => phase === "upcoming" || phase === "active");
  const until = ({ pauses }: (typeof rings)[number]) =>
    pauses.tenant !== null && pauses.tenant.until > now ? pauses.tenant.until : null;
  const named = (wanted: (ring: (typeof rings)[number]) => boolean) => rings.filter(wanted).map(({ ring }) => ring);
  const orders = {
    pause: named((view) => paused.has(view.ring) && until(view) === null),
    extend: named((view) => paused.has(view.ring) && endsSoon(until(view), now)),
    resume: named((view) => !paused.has(view.ring) && until(view) !== null),
  };
  return (["pause", "extend", "resume"] as const)
    .filter((kind) => orders[kind].length > 0)
    .map((kind) => ({ kind, at: now, by, rings: orders[kind] }));
}

function endsSoon(until: number | null, now: number): boolean {
  return until !== null && until - now < EXTEND_WITHIN_DAYS * DAY_MS;
}

/** New dates of rings that have not begun, after their phases have other dates or another number of gradual groups. */
export function newDates(plans: readonly RingPlan[], rings: readonly ReleaseRing[]): (RingPlan & { ring: string })[] {
  return rings.flatMap(({ ring, state }) => {
    const plan = plans.find((each) => each.ring === ring);
    if (plan === undefined || state.phase !== "upcoming" || hasSameDates(plan, state.plan)) return [];
    return [plan];
  });
}

/** Rings of a release in which people had the feature update uninstalled, and that do not know of it yet. */
export function newlyUninstalled(
  { groupId, state }: Pick<Release, "groupId" | "state">,
  feature: FeatureRelease,
  rings: readonly ReleaseRing[],
): string[] {
  if (state.phase === "ended") return [];
  const ordered = feature.phases
    .flatMap(ringsOf)
    .filter((ring) => ring.groupId === groupId && isUninstalled(ring))
    .map(({ ring }) => ring);
  // A ring that ended otherwise than completed hears nothing any more.
  const hears = ({ outcome }: ReleaseRing["state"]) => outcome === null || outcome === "completed";
  return rings
    .filter(({ ring, state: known }) => ordered.includes(ring) && hears(known) && known.uninstalled !== true)
    .map(({ ring }) => ring);
}

function hasSameDates(plan: RingPlan, before: RingPlan): boolean {
  return plan.availableAt === before.availableAt && plan.targetAt === before.targetAt;
}

/** The phases of a release's group are paused until somebody resumes them, in answer to a question of the gate. */
export async function pauseAfterQuestion(release: Release, { by, at, justification }: PersonalPause): Promise<void> {
  const id = release.update.catalogEntryId;
  const because = {
    ...{ reason: Reason.updateIssue, at, by },
    ...(justification === null ? {} : { text: justification }),
  };
  const numbers: number[] = [];
  await changeFeatureRelease(id, (feature) => {
    const concerned = feature.phases.filter(
      (phase) =>
        phase.status === FeatureStatus.active && ringsOf(phase).some(({ groupId }) => groupId === release.groupId),
    );
    numbers.splice(0, numbers.length, ...concerned.map(({ number }) => number));
    return numbers.length === 0 ? feature : pausePhases(feature, { phases: numbers }, because);
  });
  if (numbers.length === 0) return;
  const target = `feature-release/${id}`;
  const evidence = { phases: numbers, releaseId: release.id };
  await audit({ at, actor: by, action: "featureRelease.pause", target, key: `${release.id} gate`, evidence });
  await applyPhases(graphClient(), at, "pending");
}
