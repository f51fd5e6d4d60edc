import type { Summary } from "../../../infra/local/world/simulation.js";
import { type Check, seeds } from "../check.js";
import { observe } from "../observed-run.js";

const DEVICES = 2_000;
const RATE = 0.1;
/** The gate's runs, and those without it: their harm hardly varies, so fewer tell the mean. */
const SEEDS = { full: { enforce: 20, off: 5 }, quick: { enforce: 2, off: 1 } };
/** One seed in twenty may be late. */
const MAY_BE_LATE = 0.05;
const HARM_SHARE = 0.1;
/** Index of the ring before whose opening the pause must come. */
const THIRD_RING = 2;

/** A bad update is stopped early (issue: "Done when", third point). */
export const badUpdate: Check = {
  name: "bad-update",
  about: "an update that fails on a tenth of the devices is paused before the third ring, with a tenth of the harm",
  async run({ quick, progress }) {
    const count = quick ? SEEDS.quick : SEEDS.full;
    const harmOf = async (gate: "enforce" | "off", seed: number): Promise<{ early: boolean; harmed: number }> => {
      const options = { scenario: "bad-update", parameters: { rate: RATE }, devices: DEVICES, seed, gate };
      const { summary } = await observe(options);
      const { outcome, harmed, pausedAt, costs } = summary;
      progress(
        `gate ${gate}, seed ${seed}: ${outcome}${pausedAt === null ? "" : ` at ${pausedAt}`}, ${harmed} harmed, ${costs.wallSeconds} s`,
      );
      return { early: pausedBefore(summary, THIRD_RING), harmed };
    };
    const gated = [];
    for (const seed of seeds(count.enforce)) gated.push(await harmOf("enforce", seed));
    const open = [];
    for (const seed of seeds(count.off)) open.push(await harmOf("off", seed));
    const late = gated.flatMap(({ early }, index) => (early ? [] : [index + 1]));
    const [harm, harmWithoutGate] = [mean(gated), mean(open)];
    const complaints = [
      ...(late.length <= MAY_BE_LATE * count.enforce
        ? []
        : [`not paused before the third ring: seeds ${late.join(", ")}`]),
      ...(harm <= HARM_SHARE * harmWithoutGate ? [] : [`mean harm ${harm} of ${harmWithoutGate} without the gate`]),
    ];
    return {
      passed: complaints.length === 0,
      figures: {
        devices: DEVICES,
        rate: RATE,
        seeds: count.enforce,
        seedsWithoutGate: count.off,
        pausedInTime: count.enforce - late.length,
        wanted: Math.ceil(count.enforce * (1 - MAY_BE_LATE)),
        meanHarm: harm,
        meanHarmWithoutGate: harmWithoutGate,
        harmShare: Math.round((1000 * harm) / harmWithoutGate) / 1000,
        harmShareAtMost: HARM_SHARE,
      },
      complaints,
    };
  },
};

/** Whether the gate paused the release while the ring at `index` had not opened. */
export function pausedBefore({ pausedAt, rings }: Summary, index: number): boolean {
  const openedAt = rings[index]?.openedAt ?? null;
  return pausedAt !== null && (openedAt === null || Date.parse(pausedAt) < Date.parse(openedAt));
}

function mean(runs: readonly { readonly harmed: number }[]): number {
  return runs.reduce((sum, { harmed }) => sum + harmed, 0) / runs.length;
}
