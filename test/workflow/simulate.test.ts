import { expect, it } from "vitest";
import { runInProcess } from "../../infra/local/in-process/run.js";
import { sharedCertificates } from "../support/certificates.js";
import { freshStorage } from "../support/storage.js";
import { WATCHERS_OFF } from "../support/world.js";
import { disagreements } from "../verify/agreement.js";
import { pausedBefore } from "../verify/checks/bad-update.js";
import { deviations } from "../verify/checks/in-process.js";
import { consequences, killed } from "../verify/checks/kill.js";
import { nominalComplaints } from "../verify/checks/nominal.js";
import { type ObservedRun, observe, type RunOptions } from "../verify/observed-run.js";

/**
 * Whole releases on the full stack in virtual time, without what watches the tenant by the hour, which the month of
 * test/acceptance/month.test.ts has. `npm run verify` has the same claims at full size with all of it, kills of a whole
 * month, and that a seed repeats itself.
 */
const TIMEOUT = 300_000;
const NOMINAL = { scenario: "nominal", devices: 80, seed: 3, gate: "enforce" } as const;
const BAD = {
  scenario: "bad-update",
  parameters: { rate: 0.6, silentShare: 0 },
  devices: 250,
  seed: 3,
  gate: "enforce",
} as const;
const KILLS = 4;

const runs = new Map<object, Promise<ObservedRun>>();
/** Each run has tables of its own in the storage that all share. */
const inWorld = async <T extends object>(options: T): Promise<T & Pick<RunOptions, "world">> => ({
  ...options,
  world: { storage: await freshStorage(), certificates: await sharedCertificates(), appSettings: WATCHERS_OFF },
});

/** The undisturbed run of a scenario, which happens once. */
async function calm(options: typeof NOMINAL | typeof BAD): Promise<ObservedRun> {
  const run = runs.get(options) ?? inWorld<typeof NOMINAL | typeof BAD>(options).then(observe);
  runs.set(options, run);
  return run;
}

it("a healthy month completes unpaused, ledger and truth agree device by device, and in process it decides the same", {
  timeout: TIMEOUT,
}, async () => {
  expect(nominalComplaints(await calm(NOMINAL))).toEqual([]);
  expect(deviations((await calm(NOMINAL)).summary, await runInProcess(NOMINAL))).toEqual([]);
});

it("every ring counts as many devices as it has, and every offered device in one state", {
  timeout: TIMEOUT,
}, async () => {
  const { summary } = await calm(NOMINAL);
  expect(summary.rings.map(({ size }) => size)).toEqual([2, 4, 11, 61, 2]);
  for (const ring of summary.rings) {
    expect(ring.held + ring.notOffered + ring.offered).toBe(ring.size);
    expect(ring.upToDate + ring.failed + ring.rolledBack + ring.open).toBe(ring.offered);
    expect(ring.status).toBe("Completed");
  }
  expect(summary.rejected).toBe(0);
});

it("no history grows to 300 events", { timeout: TIMEOUT }, async () => {
  const { summary } = await calm(NOMINAL);
  expect(summary.costs.maxHistoryEvents).toBeGreaterThan(0);
  expect(summary.costs.maxHistoryEvents).toBeLessThan(300);
});

it("the host killed at random moments and restarted offers, pauses and asks exactly as it does undisturbed", {
  timeout: TIMEOUT,
}, async () => {
  const undisturbed = await calm(BAD);
  const { run, count } = await killed(await inWorld(BAD), {
    seed: 5,
    kills: KILLS,
    overMs: 0.6 * undisturbed.elapsedMs,
  });
  expect(count).toBe(KILLS);
  expect(consequences(undisturbed, run)).toEqual([]);
  const decided = ({ summary }: ObservedRun) => [summary.decisions, summary.pausedAt, summary.approvalsAsked];
  expect(decided(run)).toEqual(decided(undisturbed));
});

it("a bad update is paused before the third ring opens, in process too", {
  timeout: TIMEOUT,
}, async () => {
  const run = await calm(BAD);
  expect(run.summary.outcome).toBe("paused");
  expect(pausedBefore(run.summary, 2)).toBe(true);
  expect(run.summary.harmed).toBeGreaterThan(0);
  expect(run.summary.rings.at(-1)?.offered).toBe(0);
  expect(disagreements(run.rows, run.truth)).toEqual([]);
  expect(deviations(run.summary, await runInProcess(BAD))).toEqual([]);
});
