import { utcDate } from "../../calendar/days.js";
import { Support, supportAt } from "../../feature-releases/catalogue.js";
import { compareVersions } from "../../feature-releases/version.js";
import { listFeatureVersions } from "../../graph/feature-versions.js";
import type { Graph } from "../../graph/graph.js";
import type { AutopatchGroup } from "../group.js";
import type { Violation } from "./violation.js";

const FIELD = "deploymentSettings.targetFeatureVersion";

export interface VersionCheck {
  readonly before: AutopatchGroup | undefined;
  readonly after: AutopatchGroup;
  readonly prefix: string;
}

/**
 * What speaks against the Windows version that groups are set to: it is not in the catalogue, its support has ended, or
 * it is older than what the group is set to, for Windows does not go back (autopatch.md §6.4). The catalogue is read where a
 * group changes its version, and none elsewhere.
 * @param now ms
 */
export async function versionViolations(
  graph: Graph,
  checks: readonly VersionCheck[],
  now: number,
): Promise<Violation[]> {
  const changed = checks.filter(
    ({ before, after }) => targetOf(after) !== null && targetOf(after) !== targetOf(before),
  );
  if (changed.length === 0) return [];
  const catalogue = await listFeatureVersions(graph);
  return changed.flatMap(({ before, after, prefix }) => {
    const [present, wanted] = [targetOf(before), targetOf(after) ?? ""];
    const field = `${prefix}${FIELD}`;
    const version = catalogue.find((each) => each.version === wanted);
    if (version === undefined) {
      const versions = catalogue.map((each) => each.version);
      const message = `"${wanted}" is no feature update of the catalogue; choose one of ${versions.join("; ")}`;
      return [{ field, rule: "unknownVersion", message, versions }];
    }
    if (supportAt(version, now) === Support.ended) {
      const message = `the support of ${wanted} ended on ${utcDate(version.endOfSupport ?? now)}; choose a later version`;
      return [{ field, rule: "unsupportedVersion", message }];
    }
    if (present === null || compareVersions(wanted, present) >= 0) return [];
    const message = `${wanted} is older than ${present}, to which the group is set, and Windows does not go back; choose that version or a later one`;
    return [{ field, rule: "downgrade", limit: present, message }];
  });
}

/** The version that a policy of the group brings its devices to; null where none does. */
function targetOf(group: AutopatchGroup | undefined): string | null {
  return group?.updateTypes.feature === true ? group.deploymentSettings.targetFeatureVersion : null;
}
