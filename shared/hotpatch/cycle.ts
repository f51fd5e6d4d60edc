import { dateParts } from "../calendar/days.js";
import type { HotpatchMonth, HotpatchOverrides } from "../calendar/hotpatch.js";
import { hotpatchMonth } from "../calendar/hotpatch.js";
import { publishedAt } from "../calendar/publication.js";
import { parseBuild, type WindowsBuild } from "../updates/build.js";
import { becomesRelease, type QualityUpdate } from "../updates/quality-update.js";
import { baselineMonthOf, currentMonth } from "./calendar.js";

/** Where a device stands among the builds of the present cycle. */
export const Standing = {
  /** On the baseline or on a hotpatch that was built on it. */
  on: "on",
  /** The baseline is missing. */
  behind: "behind",
  /** A feature update, a preview or a cumulative update has brought it beyond: it takes part again from the next baseline. */
  left: "left",
  /** The catalogue has no baseline for its Windows version. */
  unknown: "unknown",
} as const;
export type Standing = (typeof Standing)[keyof typeof Standing];

/** A baseline and the hotpatches since then, as of one instant (autopatch.md §5.9). */
export interface Cycle {
  /** Month of the latest B release, `YYYY-MM`, and what it brings. */
  readonly month: string;
  readonly kind: HotpatchMonth;
  readonly baselineMonth: string;
  /** Revision of the baseline by Windows version (its build number). */
  readonly baselines: ReadonlyMap<number, number>;
  /** Revisions of the hotpatches published since then. */
  readonly hotpatches: ReadonlyMap<number, ReadonlySet<number>>;
  /** The newest update that becomes a release, by Windows version. */
  readonly latest: ReadonlyMap<number, QualityUpdate>;
}

/**
 * The cycle at `now` (ms).
 * @param updates what the catalogue holds from the baseline's month on
 */
export function cycleAt(now: number, overrides: HotpatchOverrides, updates: readonly QualityUpdate[]): Cycle {
  const month = currentMonth(now);
  const baselineMonth = baselineMonthOf(month, overrides);
  const published = updates
    .filter((update) => publishedAt(update) <= now)
    .sort((a, b) => publishedAt(a) - publishedAt(b));
  const baseline = published.find(({ shortName }) => shortName === `${baselineMonth.replace("-", ".")} B`);
  const since = baseline === undefined ? [] : published.filter((update) => publishedAt(update) > publishedAt(baseline));
  const { year, month: number } = dateParts(`${month}-01`);
  return {
    ...{ month, kind: hotpatchMonth(year, number, overrides), baselineMonth },
    baselines: new Map(buildsOf(baseline, false).map(({ major, revision }) => [major, revision])),
    hotpatches: byVersion(since.flatMap((update) => buildsOf(update, true))),
    latest: new Map(published.filter(becomesRelease).flatMap((update) => versionsOf(update).map((v) => [v, update]))),
  };
}

/** Where a device with this build stands. */
export function standingOf({ major, revision }: WindowsBuild, { baselines, hotpatches }: Cycle): Standing {
  const baseline = baselines.get(major);
  if (baseline === undefined) return Standing.unknown;
  if (revision < baseline) return Standing.behind;
  const isOn = revision === baseline || hotpatches.get(major)?.has(revision) === true;
  return isOn ? Standing.on : Standing.left;
}

function buildsOf(update: QualityUpdate | undefined, hotpatch: boolean): WindowsBuild[] {
  const revisions = (update?.revisions ?? []).filter(({ isHotpatch }) => isHotpatch === hotpatch);
  return revisions.flatMap(({ build }) => parseBuild(build) ?? []);
}

function versionsOf({ revisions }: QualityUpdate): number[] {
  return revisions.flatMap(({ build }) => parseBuild(build)?.major ?? []);
}

function byVersion(builds: readonly WindowsBuild[]): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const { major, revision } of builds) found.set(major, (found.get(major) ?? new Set()).add(revision));
  return found;
}
