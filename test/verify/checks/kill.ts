import { differences, differingFields } from "../agreement.js";
import type { Check } from "../check.js";
import { Killer } from "../killer.js";
import { type ObservedRun, observe, type RunOptions } from "../observed-run.js";

const DEVICES = 2_000;
const KILLS = { full: 25, quick: 5 };
/** The kills fall into this share of the time that an undisturbed run takes, so that all of them hit the run. */
const SPREAD = 0.9;

/** A host that dies loses nothing and repeats nothing that can be seen (issue: "Done when", fourth point). */
export const kill: Check = {
  name: "kill",
  about: "the host killed with SIGKILL at random moments and restarted ends with the rows of an undisturbed run",
  async run({ quick, progress }) {
    const kills = quick ? KILLS.quick : KILLS.full;
    const options: RunOptions = { scenario: "nominal", devices: DEVICES, seed: 1, gate: "enforce" };
    const calm = await observe(options);
    progress(`undisturbed: ${calm.summary.outcome} after ${Math.round(calm.elapsedMs / 1000)} s`);
    const { run, count } = await killed(options, { seed: 1, kills, overMs: SPREAD * calm.elapsedMs });
    progress(`${count} kills: ${run.summary.outcome} after ${Math.round(run.elapsedMs / 1000)} s`);
    const complaints = [
      ...(count === kills ? [] : [`the run was over after ${count} of ${kills} kills`]),
      ...consequences(calm, run),
    ];
    return {
      passed: complaints.length === 0,
      figures: {
        devices: DEVICES,
        kills: count,
        wanted: kills,
        differingRows: differences(calm.rows, run.rows).length,
      },
      complaints: complaints.slice(0, 20),
    };
  },
};

/** One run whose host is killed and restarted again and again. */
export async function killed(
  options: RunOptions,
  plan: ConstructorParameters<typeof Killer>[1],
): Promise<{ run: ObservedRun; count: number }> {
  let killer: Killer | undefined;
  const run = await observe({
    ...options,
    disturb: (world) => {
      killer = new Killer(world, plan);
      return killer;
    },
  });
  return { run, count: killer?.count ?? 0 };
}

/** What the kills changed: nothing may differ but what the run cost. */
export function consequences(calm: ObservedRun, disturbed: ObservedRun): string[] {
  const outcome = ({ summary: { outcome, rings, truth, rejected } }: ObservedRun) => ({
    outcome,
    rings,
    truth,
    rejected,
  });
  return [...differingFields(outcome(calm), outcome(disturbed)), ...differences(calm.rows, disturbed.rows)];
}
