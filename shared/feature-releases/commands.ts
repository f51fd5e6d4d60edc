import { AppError } from "../errors.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { checkSupport } from "./catalogue.js";
import { checkFirstDate, checkOrder, lastStart } from "./dates.js";
import type { RingRef } from "./phases.js";
import {
  type Decision,
  FeatureAct,
  type FeatureRelease,
  FeatureStatus,
  type Phase,
  permits,
  refused,
  STATUS_FOR,
  statusOf,
} from "./release.js";
import { pauseRings, resumeRings, withoutRingPauses } from "./ring-pauses.js";
import { withoutUninstalls } from "./uninstall.js";

/** Phases by their numbers, or rings of them; default: all that permit it. */
export interface Choice {
  readonly phases?: readonly number[] | undefined;
  readonly rings?: readonly RingRef[] | undefined;
}

/** Pauses phases or rings until they are resumed: nothing else ends it (autopatch.md §6.5, row 80). */
export function pausePhases(release: FeatureRelease, { phases, rings }: Choice, because: Decision): FeatureRelease {
  if (rings !== undefined) return pauseRings(release, { phases, rings }, because);
  return changed(release, FeatureAct.pause, phases, (phase) => ({
    ...withoutRingPauses(phase),
    ...{ status: FeatureStatus.paused, because, pending: true },
  }));
}

/**
 * Resumes phases or rings, all that are paused or those chosen, and ends what is uninstalled there (autopatch.md §5.6,
 * §6.5).
 */
export function resumePhases(release: FeatureRelease, { phases, rings }: Choice): FeatureRelease {
  if (rings !== undefined) return resumeRings(release, { phases, rings });
  return changed(release, FeatureAct.resume, phases, (phase) => ({
    ...withoutUninstalls(withoutRingPauses(phase)),
    ...{ status: FeatureStatus.active, because: null, pending: true },
  }));
}

/** Cancels every phase that has no policy yet, of a release that is Scheduled (autopatch.md §6.3). */
export function cancelRelease(release: FeatureRelease, because: Decision) {
  return changed(release, FeatureAct.cancel, undefined, (phase) => ({
    ...phase,
    ...{ status: FeatureStatus.canceled, because },
  }));
}

/**
 * Gives phases other first dates, before theirs is reached; their order is fixed (autopatch.md §6.3).
 * @param catalogue the release keeps a version that it has no more
 * @param now ms
 */
export function editDates(
  release: FeatureRelease,
  dates: readonly { readonly phase: number; readonly firstDate: string }[],
  { catalogue, now }: { readonly catalogue: readonly FeatureVersion[]; readonly now: number },
) {
  const byPhase = new Map(dates.map(({ phase, firstDate }) => [phase, firstDate]));
  const after = changed(release, FeatureAct.editDates, [...byPhase.keys()], (phase) => ({
    ...phase,
    firstDate: byPhase.get(phase.number) ?? phase.firstDate,
  }));
  for (const [index, { firstDate }] of dates.entries()) checkFirstDate(firstDate, `phases[${index}].firstDate`, now);
  checkOrder(after.phases, (index) => fieldIn(dates, after.phases[index]?.number));
  const version = catalogue.find((each) => each.version === release.version);
  if (version !== undefined) checkSupport(version, lastStart(after.phases), "phases");
  return after;
}

/** Where a call says the date of a phase; undefined where it leaves that phase alone. */
function fieldIn(dates: readonly { readonly phase: number }[], number: number | undefined): string | undefined {
  const index = dates.findIndex(({ phase }) => phase === number);
  return index < 0 ? undefined : `phases[${index}].firstDate`;
}

/**
 * The release with some of its phases changed.
 * @param numbers default: every phase that permits the act
 * @throws AppError `conflict` when none does or a chosen one does not, `rule_violated` for a phase that there is not
 */
function changed(
  release: FeatureRelease,
  act: FeatureAct,
  numbers: readonly number[] | undefined,
  change: (phase: Phase) => Phase,
): FeatureRelease {
  const wanted = STATUS_FOR[act];
  const unknown = numbers?.find((number) => !release.phases.some((phase) => phase.number === number));
  if (unknown !== undefined) {
    const message = `release ${release.name} has no phase ${unknown}; it has ${release.phases.length}`;
    throw refused("unknownPhase", "phases", message, { limit: release.phases.length });
  }
  const chosen = release.phases.filter((phase) => numbers?.includes(phase.number) ?? permits(phase, act));
  const unfit = chosen.find((phase) => !permits(phase, act));
  if (unfit !== undefined || chosen.length === 0) {
    const what =
      unfit === undefined
        ? `Feature release ${release.name} is ${statusOf(release)}`
        : `Phase ${unfit.number} is ${unfit.status}`;
    throw new AppError("conflict", `${what}. ${RULES[act]} Nothing was changed.`, {
      field: numbers === undefined ? "status" : "phases",
      details: { rule: `${act}Only${wanted}`, limit: wanted },
    });
  }
  return { ...release, phases: release.phases.map((phase) => (chosen.includes(phase) ? change(phase) : phase)) };
}

const RULES: Readonly<Record<FeatureAct, string>> = {
  editDates: "Only dates of phases that are Scheduled can be edited; for anything else make a new release.",
  cancel: "Only a release that is Scheduled can be canceled; one that is Active can be paused.",
  pause: "Only phases that are Active can be paused.",
  resume: "Only phases that are Paused can be resumed.",
};
