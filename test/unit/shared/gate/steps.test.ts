import { expect, it } from "vitest";
import { gateSteps } from "../../../../shared/gate/steps.js";
import type { ReleaseSummary } from "../../../../shared/ledger/index.js";

const wave = (ring: string, offeredAt: string, counts: { failed: number; rolledBack: number }) => ({
  ...{ ring, wave: 0, offeredAt, offered: 50, resolved: 20, upToDate: 10, ...counts },
  ...{ reportAgeBins: [], returnAgeBins: [], started: 0, failedOnce: 0, startedSilent: [], restartPending: [] },
});

const summary = {
  waves: [
    wave("Ring1", "2024-06-12T17:00:00.000Z", { failed: 1, rolledBack: 4 }),
    wave("Test", "2024-06-11T17:00:00.000Z", { failed: 2, rolledBack: 3 }),
  ],
} as unknown as ReleaseSummary;

it("counts failures and rollbacks of every wave, in the order of the offers", () => {
  const steps = gateSteps(summary, () => ({ deadlineDays: 2, uninstalled: false }));
  expect(steps.map(({ ring, failures }) => [ring, failures])).toEqual([
    ["Test", 5],
    ["Ring1", 5],
  ]);
});

it("does not hold against the update what people had uninstalled", () => {
  const steps = gateSteps(summary, (ring) => ({ deadlineDays: 2, uninstalled: ring === "Ring1" }));
  expect(steps.map(({ failures }) => failures)).toEqual([5, 1]);
});
