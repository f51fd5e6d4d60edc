import { DAY_MS } from "../../../../shared/calendar/days.js";
import { Workload } from "../../../../shared/updates/update.js";
import { seedEntries } from "../../tenant/catalogue/releases.js";
import { buildNumber, WINDOWS_VERSIONS, type WindowsVersion } from "../../tenant/windows-update/windows-versions.js";
import { oldestOf, RunWorkload, type WorkloadRun } from "./run.js";

/** Administrators wait for some days after a version appears. */
const WAIT_DAYS = 7;

/** A feature release of the sample group, with the phases that the app proposes: a ring a week. */
export function featureRun(update = newestServiced().name): WorkloadRun {
  const version = versionNamed(update);
  return {
    workload: RunWorkload.feature,
    startedAt: Date.parse(`${version.released}T00:00:00Z`) + WAIT_DAYS * DAY_MS,
    update,
    async begin({ api, fleet }) {
      const behind = fleet.devices().filter(({ record }) => isBehind(record.osVersion, version)).length;
      if (2 * behind < fleet.devices().length)
        throw new Error(`Most devices have ${update} or a newer version already. Choose a newer one with --update.`);
      await api.send("POST", "/feature-releases", { name: update, version: update, groups: ["workforce"] });
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

function versionNamed(name: string): WindowsVersion {
  const found = WINDOWS_VERSIONS.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new Error(`There is no feature update '${name}'. There are ${WINDOWS_VERSIONS.map((v) => v.name).join("; ")}.`);
}
