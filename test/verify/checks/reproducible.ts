import { differences, differingFields } from "../agreement.js";
import type { Check } from "../check.js";
import { observe, type RunOptions, withoutCosts } from "../observed-run.js";

const DEVICES = 2_000;
const SCENARIOS = { full: ["nominal", "bad-update", "throttled"], quick: ["nominal"] };

/** The same seed gives the same object, costs aside (design.md §5). */
export const reproducible: Check = {
  name: "reproducible",
  about: "the same seed gives the same object, costs aside, and the same device rows",
  async run({ quick, progress }) {
    const scenarios = quick ? SCENARIOS.quick : SCENARIOS.full;
    const complaints: string[] = [];
    for (const scenario of scenarios) {
      const found = await repeat({ scenario, devices: DEVICES, seed: 1, gate: "enforce" });
      progress(`${scenario}: ${found.length === 0 ? "the same twice" : `${found.length} differences`}`);
      complaints.push(...found.slice(0, 10).map((line) => `${scenario}: ${line}`));
    }
    return {
      passed: complaints.length === 0,
      figures: { devices: DEVICES, scenarios: scenarios.join(" "), runsOfEach: 2 },
      complaints,
    };
  },
};

/** Runs the same twice; what differs. */
async function repeat(options: RunOptions): Promise<string[]> {
  const first = await observe(options);
  const second = await observe(options);
  return [
    ...differingFields(withoutCosts(first.summary), withoutCosts(second.summary)),
    ...differences(first.rows, second.rows),
  ];
}
