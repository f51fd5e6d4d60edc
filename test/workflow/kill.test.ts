import { expect, it } from "vitest";
import { consequences, killed } from "../verify/checks/kill.js";
import { observe } from "../verify/observed-run.js";

const OPTIONS = { scenario: "nominal", devices: 40, seed: 5, gate: "enforce" } as const;
const KILLS = 4;

/** `npm run verify` kills 25 times, with 2,000 devices. */
it("the host killed at random moments and restarted ends with the rows of an undisturbed run", {
  timeout: 400_000,
}, async () => {
  const calm = await observe(OPTIONS);
  const { run, count } = await killed(OPTIONS, { seed: 5, kills: KILLS, overMs: 0.6 * calm.elapsedMs });
  expect(count).toBe(KILLS);
  expect(consequences(calm, run)).toEqual([]);
});
