import { DAY_MS } from "../../../../shared/calendar/days.js";
import { Workload } from "../../../../shared/updates/update.js";
import { UsageError } from "../../args.js";
import { seedEntries } from "../../tenant/catalogue/releases.js";
import { buildNumber, WINDOWS_VERSIONS, type WindowsVersion } from "../../tenant/windows-update/windows-versions.js";
import { oldestOf, RunWorkload, type WorkloadRun } from "./run.js";

/** Administrators wait for some days after a version appears. */
const WAIT_DAYS = 7;
/** What the feature release is called. */
const NAME = "Simulation";

/** A feature release of the sample group, with the phases that the app proposes: a ring a week. */
export function featureRun(update = newestServiced().name): WorkloadRun {
  const version = versionNamed(update);
  return {
    workload: RunWorkload.feature,
    startedAt: beginningOf(version),
    update,
    async begin({ api, fleet }) {
      const behind = fleet.devices().filter(({ record }) => isBehind(record.osVersion, version)).length;
      if (2 * behind < fleet.devices().length)
        throw new Error(`Most devices have ${update} or a newer version already. Choose a newer one with --update.`);
      const release = { name: NAME, version: update, groups: ["workforce"] };
      // The same seed gives the same ids.
      await api.send("POST", "/feature-releases", release, NAME);
    },
    find: (releases) => oldestOf(releases, Workload.feature)[0],
    truth: ({ fleet }, { update: { revisions } }) => {
      const [revision] = revisions;
      return revision === undefined ? [] : fleet.truth({ workload: Workload.feature, ...revision });
    },
  };
}

function isBehind(osVersion: string, { firstBuild }: WindowsVersion): boolean {
  return buildNumber(osVersion) < buildNumber(firstBuild);
}

/** The newest version for which the catalogue has monthly updates too, so that devices stay current on it. */
function newestServiced(): WindowsVersion {
  const serviced = new Set(seedEntries().flatMap(({ revisions }) => revisions.map(({ version }) => version)));
  const newest = WINDOWS_VERSIONS.findLast(({ version }) => serviced.has(version));
  if (newest === undefined) throw new Error("The catalogue has no monthly updates for any version of Windows.");
  return newest;
}

/** A version that appeared when the catalogue already said what devices have. Throws UsageError with those there are. */
function versionNamed(name: string): WindowsVersion {
  const first = Math.min(...seedEntries().map(({ publishedAt }) => publishedAt));
  const known = WINDOWS_VERSIONS.filter((version) => beginningOf(version) >= first);
  const found = known.find((each) => each.name === name);
  if (found !== undefined) return found;
  const isOld = WINDOWS_VERSIONS.some((each) => each.name === name);
  const why = isOld ? `'${name}' is older than the catalogue` : `There is no feature update '${name}'`;
  throw new UsageError(`${why}. There are ${known.map((each) => each.name).join("; ")}.`);
}

/** ms */
function beginningOf({ released }: WindowsVersion): number {
  return Date.parse(`${released}T00:00:00Z`) + WAIT_DAYS * DAY_MS;
}
