import { disagreements } from "../agreement.js";
import { type Check, seeds } from "../check.js";
import { type ObservedRun, observe } from "../observed-run.js";

const DEVICES = 2_000;
const SEEDS = { full: 20, quick: 2 };

/** A healthy month is never paused, and the ledger knows what happened (issue: "Done when", second and third point). */
export const nominal: Check = {
  name: "nominal",
  about: "a healthy month completes, is never paused, and ledger and truth agree device by device",
  async run({ quick, progress }) {
    const count = quick ? SEEDS.quick : SEEDS.full;
    const complaints: string[] = [];
    const wallSeconds: number[] = [];
    let completed = 0;
    for (const seed of seeds(count)) {
      const run = await observe({ scenario: "nominal", devices: DEVICES, seed, gate: "enforce" });
      const found = nominalComplaints(run);
      if (found.length === 0) completed++;
      complaints.push(...found.slice(0, 5).map((line) => `seed ${seed}: ${line}`));
      wallSeconds.push(run.summary.costs.wallSeconds);
      progress(`seed ${seed} of ${count}: ${run.summary.outcome}, ${run.summary.costs.wallSeconds} s`);
    }
    return {
      passed: completed === count,
      figures: { devices: DEVICES, seeds: count, completed, wanted: count, slowestSeconds: Math.max(...wallSeconds) },
      complaints,
    };
  },
};

/** What contradicts a healthy month in one run. */
export function nominalComplaints({ summary, rows, truth }: ObservedRun): string[] {
  const { outcome, pausedAt, decisions, devices } = summary;
  return [
    ...(outcome === "completed" ? [] : [`outcome ${outcome}`]),
    ...(pausedAt === null ? [] : [`paused at ${pausedAt}`]),
    ...decisions.filter(({ verdict }) => verdict === "pause").map(({ at }) => `the gate decided to pause at ${at}`),
    ...(rows.length === devices ? [] : [`${rows.length} device rows for ${devices} devices`]),
    ...disagreements(rows, truth),
  ];
}
