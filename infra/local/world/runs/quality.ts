import { UsageError } from "../../args.js";
import { isNewer } from "../../fleet/build-number.js";
import type { SimulatedDevice } from "../../fleet/index.js";
import type { Revision } from "../../tenant/catalogue/entry.js";
import { beginningOf, defaultUpdate, updateNamed } from "../update.js";
import { RunWorkload, type WorkloadRun } from "./run.js";

/** The month in which hotpatches are tried: April 2025 is its baseline, which most devices of the fleet have then. */
const HOTPATCH_MONTH = "2025.05 B";

/** A quality update of the catalogue. */
export function qualityRun(scenario: string, update = defaultUpdate(scenario)): WorkloadRun {
  return {
    workload: RunWorkload.quality,
    startedAt: beginningOf(update),
    update,
    endsWithAll: true,
    find: (releases) => releases.find((each) => each.update.name === update),
    truth: ({ fleet }, release) => fleet.truth(release.update.revisions.map(({ build }) => build)),
  };
}

/** A month with emulated hotpatches, which devices that can take them install without a restart. */
export function hotpatchRun(scenario: string, update = HOTPATCH_MONTH): WorkloadRun {
  let hotpatches: readonly Revision[] = [];
  const entry = updateNamed(update);
  return {
    ...qualityRun(scenario, update),
    workload: RunWorkload.hotpatch,
    prepare({ tenant }) {
      hotpatches = tenant.emulateHotpatches(entry.id);
      if (hotpatches.length > 0) return;
      throw new UsageError(
        `'${update}' brings no hotpatches: it is no monthly update after a baseline (January, April, July, October), or the catalogue has no Windows 11, version 24H2 then. Choose ${HOTPATCH_MONTH}.`,
      );
    },
    hotpatched({ fleet }) {
      const missed = ({ record: { osVersion } }: SimulatedDevice) =>
        hotpatches.some(({ hotpatchOf = "" }) => isNewer(hotpatchOf, osVersion));
      return {
        builds: hotpatches.map(({ build }) => build),
        baselineFirst: new Set(
          fleet
            .devices()
            .filter(missed)
            .map(({ deviceId }) => deviceId),
        ),
      };
    },
  };
}
