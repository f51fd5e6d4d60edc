import { utcDate } from "../calendar/days.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { ringsOf } from "./policy.js";
import type { FeatureRelease } from "./release.js";
import { spreadDays, startOf } from "./schedule.js";

/**
 * What a feature release brings to a group, for the release that measures it there: its rings open with their phases.
 * Rings that are in none of its phases any more take no part; undefined when none does.
 */
export function featureUpdateOf(release: FeatureRelease, groupId: string): WorkloadUpdate | undefined {
  const openings = release.phases.flatMap((phase) =>
    ringsOf(phase)
      .filter((ring) => ring.groupId === groupId && phase.status !== "Canceled")
      .map(({ ring }) => {
        return [ring, { at: startOf(phase.firstDate), spreadDays: spreadDays(phase) }] as const;
      }),
  );
  if (openings.length === 0) return undefined;
  const first = Math.min(...openings.map(([, { at }]) => at));
  const [product = "Windows", version = ""] = release.version.split(", version ");
  const build = `10.0.${release.build}`;
  return {
    workload: Workload.feature,
    catalogEntryId: release.id,
    shortName: release.version,
    displayName: `${release.name}: ${release.version}`,
    releaseDate: `${utcDate(first)}T00:00:00Z`,
    revisions: [{ product, version, build, kb: release.version, isHotpatch: false }],
    opens: Object.fromEntries(openings),
  };
}
