import { differences } from "../differences.js";
import type { AutopatchGroup } from "../group.js";
import type { LockedSetting } from "../locks.js";
import type { Violation } from "./violation.js";

/** Beginning of what people read when a feature update release locks settings (autopatch.md §2.4). */
export const LOCKED_BANNER = "Some settings are not allowed to be modified";

/** What an edit may not change: the name (row 4), the preset (row 11), and what a release has locked (row 13). */
export function* editViolations(
  before: AutopatchGroup,
  after: AutopatchGroup,
  locked: readonly LockedSetting[],
): Generator<Violation> {
  if (before.name !== after.name)
    yield { field: "name", rule: "rename", message: `only the Rename action changes the name ${before.name}` };
  if (before.preset !== after.preset)
    yield {
      field: "preset",
      rule: "presetFixed",
      limit: before.preset,
      message: `the preset is chosen when the group is created and stays ${before.preset}; another one needs a new group`,
    };
  const releases = new Map(locked.map(({ field, releaseId }) => [field, releaseId]));
  for (const { field } of differences(before, after)) {
    const releaseId = releases.get(field);
    if (releaseId === undefined) continue;
    const message = `${LOCKED_BANNER} while feature update release ${releaseId} targets the group, also after its goal dates; cancel it while it is Scheduled, else put the group into another feature release and cancel that one`;
    yield { field, rule: "lockedByRelease", releaseId, message };
  }
}
