import { UsageError } from "../../args.js";
import { loadScenario } from "../../fleet/index.js";
import { RunWorkload } from "./run.js";

/** Options of `simulate` that say what a run is about. */
export interface RunValues {
  readonly workload: RunWorkload;
  readonly scenario: string;
  readonly update: string | undefined;
  readonly "in-process": boolean;
}

/**
 * The workload that was asked for, else the one that the scenario strikes. What a run would silently
 * ignore is refused. Throws UsageError naming the option.
 * @param given names of the options in the command line
 */
export function chosenWorkload(values: RunValues, given: ReadonlySet<string>): RunWorkload {
  const { workload: struck } = loadScenario(values.scenario);
  const workload = given.has("workload") ? values.workload : (struck ?? values.workload);
  if (struck !== undefined && struck !== workload)
    throw new UsageError(
      `--scenario ${values.scenario} strikes ${struck} updates, not those of --workload ${workload}`,
    );
  if (values["in-process"] && workload !== RunWorkload.quality)
    throw new UsageError(`--in-process runs quality updates only; leave it out for --workload ${workload}`);
  const isApp = workload === RunWorkload.m365 || workload === RunWorkload.edge;
  if (isApp && values.update !== undefined)
    throw new UsageError(
      `--update says nothing with --workload ${workload}, which is about the first version published`,
    );
  return workload;
}
