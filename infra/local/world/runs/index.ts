import { edgeRun, officeRun } from "./apps.js";
import { driverRun } from "./driver.js";
import { featureRun } from "./feature.js";
import { hotpatchRun, qualityRun } from "./quality.js";
import { RunWorkload, type WorkloadRun } from "./run.js";

export { RunWorkload, type WorkloadRun } from "./run.js";

export interface RunChoice {
  readonly workload?: RunWorkload | undefined;
  readonly scenario: string;
  /** Name of the update, as releases show it; absent: the one that the scenario or the workload is about. */
  readonly update?: string | undefined;
}

/** The run of a workload. Throws for an update that it does not have, with what there is. */
export function runOf({ workload = RunWorkload.quality, scenario, update }: RunChoice): WorkloadRun {
  switch (workload) {
    case RunWorkload.quality:
      return qualityRun(scenario, update);
    case RunWorkload.hotpatch:
      return hotpatchRun(scenario, update);
    case RunWorkload.feature:
      return featureRun(update);
    case RunWorkload.driver:
      return driverRun(update);
    case RunWorkload.m365:
      return officeRun();
    case RunWorkload.edge:
      return edgeRun();
  }
}
