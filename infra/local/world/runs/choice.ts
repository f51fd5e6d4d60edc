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

/** What `simulate` can change about failures; apps have none. */
const FAILURES = ["rate", "silent-share", "cohort"] as const;

/**
 * The workload that was asked for, else the one that the scenario strikes. What a run would silently
 * ignore is refused. Throws UsageError naming the option.
 * @param given names of the options in the command line
 */
export function chosenWorkload(values: RunValues, given: ReadonlySet<string>): RunWorkload {
  const { workload: struck, rate, outOfBand } = loadScenario(values.scenario);
  const workload = given.has("workload") ? values.workload : (struck ?? values.workload);
  const refuse = (why: string) => {
    throw new UsageError(why);
  };
  const isQuality = workload === RunWorkload.quality;
  if (struck !== undefined && struck !== workload)
    refuse(`--scenario ${values.scenario} strikes ${struck} updates, not those of --workload ${workload}`);
  if (outOfBand !== undefined && !isQuality)
    refuse(`--scenario ${values.scenario} is about quality updates, not those of --workload ${workload}`);
  if (values["in-process"] && !isQuality)
    refuse(`--in-process runs quality updates only; leave it out for --workload ${workload}`);
  if (workload !== RunWorkload.m365 && workload !== RunWorkload.edge) return workload;
  if (values.update !== undefined)
    refuse(`--update says nothing with --workload ${workload}, which is about the first version published`);
  const failures = rate > 0 ? `scenario ${values.scenario}` : FAILURES.find((name) => given.has(name));
  if (failures !== undefined)
    refuse(`--${failures} says nothing with --workload ${workload}: apps do not fail in the simulated fleet`);
  return workload;
}

/** Parameters of a scenario that have it strike the updates of a workload: by itself it is about quality updates. */
export function striking(workload: RunWorkload): { readonly workload?: RunWorkload } {
  return workload === RunWorkload.feature || workload === RunWorkload.driver ? { workload } : {};
}
