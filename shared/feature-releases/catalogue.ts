import { utcDate } from "../calendar/days.js";
import { buildOfVersion } from "../feature-devices/windows.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { refused } from "./release.js";
import { compareVersions, winnerOf } from "./version.js";

/** Whether Windows still gets security updates in a version (autopatch.md §6.4). */
export const Support = {
  supported: "Supported",
  /** It ends within two months. */
  ending: "Support Ending",
  ended: "Not supported",
} as const;
export type Support = (typeof Support)[keyof typeof Support];

const ENDING_MONTHS = 2;

/** The state of a version's support at an instant (ms). */
export function supportAt({ endOfSupport }: Pick<FeatureVersion, "endOfSupport">, at: number): Support {
  if (endOfSupport === null) return Support.supported;
  if (endOfSupport <= at) return Support.ended;
  const soon = new Date(at);
  soon.setUTCMonth(soon.getUTCMonth() + ENDING_MONTHS);
  return endOfSupport <= soon.getTime() ? Support.ending : Support.supported;
}

/** Throws for a version whose support has ended before the last phase begins. @param at that date, ms */
export function checkSupport(version: FeatureVersion, at: number, field: string): void {
  if (supportAt(version, at) !== Support.ended) return;
  const ends = utcDate(version.endOfSupport ?? at);
  const message = `the support of ${version.version} ends on ${ends}, before the last phase begins on ${utcDate(at)}; choose earlier dates or a later version`;
  throw refused("unsupportedVersion", field, message, { limit: ends });
}

/** The latest version that is supported at an instant (ms); undefined where there is none. */
export function latestVersion(catalogue: readonly FeatureVersion[], at: number): FeatureVersion | undefined {
  return winnerOf(catalogue.filter((version) => supportAt(version, at) !== Support.ended));
}

/** A version whose build is known. */
export type KnownVersion = FeatureVersion & { readonly build: number };

/** A version that a group is brought to already, by what says so. */
export interface Floor {
  readonly groupId: string;
  readonly version: string;
  /** For people: `its deployment settings`. */
  readonly by: string;
}

/**
 * The version as the catalogue has it. Throws for one that is unknown, also by its build, that is out of support before the last phase
 * begins, or that is older than what a group is brought to already: Windows does not go back.
 * @param at first date of the last phase, ms
 */
export function checkVersion(
  name: string,
  catalogue: readonly FeatureVersion[],
  { at, floors }: { readonly at: number; readonly floors: readonly Floor[] },
): KnownVersion {
  const version = catalogue.find((each) => each.version === name);
  if (version === undefined) {
    const known = catalogue.map((each) => each.version);
    const message = `"${name}" is no feature update of the catalogue; choose one of ${known.join("; ")}`;
    throw refused("unknownVersion", "version", message, { versions: known });
  }
  checkSupport(version, at, "version");
  const build = buildOfVersion(name, catalogue);
  if (build === undefined) {
    const message = `nobody says which build ${name} has, so that nobody could tell which devices have it; try again once the Windows updates catalogue lists it, or choose another version`;
    throw refused("unknownBuild", "version", message);
  }
  const above = floors.find((floor) => compareVersions(floor.version, name) > 0);
  if (above === undefined) return { ...version, build };
  const message = `${name} is older than ${above.version}, to which group ${above.groupId} is brought by ${above.by}; choose that version or a later one`;
  throw refused("downgrade", "version", message, { limit: above.version, groupId: above.groupId });
}
