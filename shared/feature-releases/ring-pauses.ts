import { AppError } from "../errors.js";
import type { RingRef } from "./phases.js";
import { type Decision, type FeatureRelease, FeatureStatus, type Phase, type PhaseRing } from "./release.js";
import { type Chosen, chosenRings } from "./uninstall.js";

/** Which rings are meant: all of these, which are in these phases where some are named. */
export interface RingChoice {
  readonly phases?: readonly number[] | undefined;
  readonly rings: readonly RingRef[];
}

/** Pauses rings alone until they are resumed; a phase of which none goes on is Paused. Throws as `resumeRings` does. */
export function pauseRings(release: FeatureRelease, choice: RingChoice, because: Decision): FeatureRelease {
  const chosen = chosenRings(release, choice);
  refuseUnfit(chosen, ({ phase, ring }) => phase.status === FeatureStatus.active && ring.paused !== true, "pause");
  return changed(release, chosen, (phase, isChosen) => {
    const rings = phase.rings.map((ring) => (isChosen(ring) ? { ...ring, paused: true } : ring));
    const isWhole = rings.every(({ movedTo, paused }) => movedTo !== null || paused === true);
    if (isWhole) return { ...withoutRingPauses({ ...phase, rings }), status: FeatureStatus.paused, because };
    return { ...phase, rings, because };
  });
}

/**
 * Resumes rings, and ends what is uninstalled there (autopatch.md §6.5). The others of a Paused phase stay paused, each
 * alone.
 * @throws AppError `conflict` where nothing is paused or to be paused, `rule_violated` for a ring that there is not
 */
export function resumeRings(release: FeatureRelease, choice: RingChoice): FeatureRelease {
  const chosen = chosenRings(release, choice);
  refuseUnfit(chosen, ({ phase, ring }) => isPausedByPeople(phase, ring), "resume");
  return changed(release, chosen, (phase, isChosen) => {
    const wasWhole = phase.status === FeatureStatus.paused;
    const rings = phase.rings.map(({ paused, uninstall, ...ring }, index): PhaseRing => {
      if (isChosen(phase.rings[index])) return ring;
      const stays = paused === true || (wasWhole && ring.movedTo === null);
      return { ...ring, ...(uninstall === undefined ? {} : { uninstall }), ...(stays ? { paused: true } : {}) };
    });
    const isOver = rings.every((ring) => !isPausedByPeople({ status: FeatureStatus.active }, ring));
    return { ...phase, rings, status: FeatureStatus.active, because: isOver ? null : phase.because };
  });
}

/** A phase whose rings are not paused alone. */
export function withoutRingPauses(phase: Phase): Phase {
  return { ...phase, rings: phase.rings.map(({ paused: _alone, ...ring }) => ring) };
}

/** Whether feature updates of a ring are paused until people resume them. */
export function isPausedByPeople(
  { status }: Pick<Phase, "status">,
  { paused, uninstall }: Pick<PhaseRing, "paused" | "uninstall">,
): boolean {
  return status === FeatureStatus.paused || paused === true || uninstall !== undefined;
}

function refuseUnfit(chosen: readonly Chosen[], isFit: (each: Chosen) => boolean, act: "pause" | "resume"): void {
  const unfit = chosen.find((each) => !isFit(each));
  if (unfit === undefined) return;
  const { phase, ring } = unfit;
  const wanted = act === "pause" ? FeatureStatus.active : FeatureStatus.paused;
  const what = `Ring ${ring.ring} of group ${ring.groupId} in phase ${phase.number} is not ${wanted}`;
  const details = { rule: `${act}Only${wanted}`, limit: wanted, groupId: ring.groupId, ring: ring.ring };
  throw new AppError("conflict", `${what}. Nothing was changed.`, { field: "rings", details });
}

/** The release with its phases changed that hold chosen rings; they have to be brought to the tenant. */
function changed(
  release: FeatureRelease,
  chosen: readonly Chosen[],
  change: (phase: Phase, isChosen: (ring: PhaseRing | undefined) => boolean) => Phase,
): FeatureRelease {
  const isChosen = (ring: PhaseRing | undefined) => chosen.some((each) => each.ring === ring);
  const phases = release.phases.map((phase) =>
    phase.rings.some(isChosen) ? { ...change(phase, isChosen), pending: true } : phase,
  );
  return { ...release, phases };
}
