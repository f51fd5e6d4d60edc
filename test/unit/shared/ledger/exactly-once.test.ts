import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exemptReason, holdReason } from "../../../../shared/cohorts/cohort.js";
import { AppError } from "../../../../shared/errors.js";
import { Ledger } from "../../../../shared/ledger/index.js";
import type { RawSignal } from "../../../../shared/signals/intake.js";
import { SignalKind } from "../../../../shared/signals/signal.js";
import { at, DAY, deviceId, faulty, HOUR, memoryLedger, RELEASE, readAll, START, signal } from "./setup.js";

const DEVICES = 12;
const NOW = START + 3 * DAY;

/** Few attempts and sequence numbers, so that ties and duplicates are common. */
const anySignal: fc.Arbitrary<RawSignal> = fc
  .record({
    device: fc.nat({ max: 3 }),
    kind: fc.constantFrom(...Object.values(SignalKind)),
    attempt: fc.integer({ min: 1, max: 2 }),
    sequence: fc.integer({ min: 1, max: 3 }),
    hour: fc.nat({ max: 4 }),
  })
  .map(({ device, kind, hour, ...rest }) => signal(device, kind, { ...rest, time: START + hour * HOUR }));

async function offered() {
  const setup = await memoryLedger(DEVICES, (n) => (n % 3 ? "Test" : "Ring1"));
  await setup.ledger.offerWave(RELEASE, "Test", 0, { count: 5 }, at(START));
  return setup;
}

async function foldAll(batches: readonly (readonly RawSignal[])[]) {
  const { ledger } = await offered();
  for (const batch of batches) await ledger.foldSignals(batch, NOW);
  return { ...(await readAll(ledger)), recount: await ledger.recount(RELEASE) };
}

const chunks = (items: readonly RawSignal[], size: number): RawSignal[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

describe("exactly-once", () => {
  it("gives the same rows and counters for any order, any duplicates and any batching", async () => {
    const twiceShuffled = fc
      .array(anySignal, { minLength: 1, maxLength: 60 })
      .chain((signals) =>
        fc.tuple(
          fc.constant(signals),
          fc.shuffledSubarray([...signals, ...signals], { minLength: 2 * signals.length }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(twiceShuffled, fc.integer({ min: 1, max: 25 }), async ([signals, shuffled], size) => {
        const once = await foldAll([signals]);
        expect(await foldAll(chunks(shuffled, size))).toEqual(once);
        expect(once.recount.differences).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("keeps every ring's invariants whatever is folded, held and offered", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySignal, { maxLength: 40 }), async (signals) => {
        const { summary } = await foldAll([signals]);
        for (const ring of Object.values(summary.rings)) {
          expect(ring.size).toBe(ring.held + ring.notOffered + ring.offered);
          expect(ring.offered).toBe(ring.open + ring.upToDate + ring.failed + ring.rolledBack);
        }
        for (const { returnAgeBins, started, resolved, failed, rolledBack, failedOnce } of summary.waves) {
          expect(failedOnce).toBeGreaterThanOrEqual(failed + rolledBack);
          const returned = returnAgeBins.reduce((sum, count) => sum + count, 0);
          expect(returned).toBeLessThanOrEqual(Math.min(started, resolved));
        }
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it("sets held cohorts aside without a trace of the order: the gate counts the rest, the ring everybody", async () => {
    const cohort = holdReason([{ attribute: "parity", value: "odd" }]);
    const exempt = exemptReason([{ attribute: "parity", value: "odd" }]);
    const change = fc.record({
      device: fc.nat({ max: DEVICES - 1 }),
      reason: fc.constantFrom(cohort, exempt, "person"),
      holds: fc.boolean(),
    });
    const step = fc.oneof(
      anySignal.map((one) => ({ one })),
      change,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { ledger } = await offered();
        for (const each of steps) {
          if ("one" in each) await ledger.foldSignals([each.one], NOW);
          else if (each.holds) await ledger.holdDevices(RELEASE, [deviceId(each.device)], each.reason);
          else await ledger.releaseDevices(RELEASE, [deviceId(each.device)], each.reason);
        }
        expect((await ledger.recount(RELEASE)).differences).toEqual([]);
        const { rows, summary } = await readAll(ledger);
        const counted = rows.filter(({ holds }) => !holds.includes(cohort) && !holds.includes(exempt));
        const inWave = counted.filter(({ wave, state }) => wave === 0 && state !== "held");
        expect(summary.waves[0]?.offered).toBe(inWave.length);
        expect(summary.waves[0]?.failed).toBe(inWave.filter(({ state }) => state === "failed").length);
        const test = rows.filter(({ ring }) => ring === "Test");
        expect(summary.rings.Test?.size).toBe(test.length);
        expect(summary.rings.Test?.held).toBe(test.filter(({ state }) => state === "held").length);
        expect(summary.rings.Test?.failed).toBe(test.filter(({ state }) => state === "failed").length);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it("keeps the 40 newest signals of a device, in any order", async () => {
    const flood = Array.from({ length: 60 }, (_, n) => signal(0, "downloading", { sequence: n + 1 }));
    const forwards = await foldAll(chunks(flood, 7));
    expect(await foldAll(chunks([...flood].reverse(), 11))).toEqual(forwards);
    expect(forwards.rows[0]?.log.map((entry) => entry.sequence)).toEqual(Array.from({ length: 40 }, (_, n) => n + 21));
  });

  it("ends with undisturbed rows when the process dies before or after any storage call and the batch comes again", async () => {
    const kinds = Object.values(SignalKind);
    const batch = Array.from({ length: 30 }, (_, n) =>
      signal(n % DEVICES, kinds[n % kinds.length] ?? "offered", { sequence: n + 1 }),
    );
    const undisturbed = await foldAll([batch]);
    for (const when of ["before", "after"] as const) {
      for (let crashAt = 1; ; crashAt++) {
        const { devices, summaries } = await offered();
        let calls = 0;
        const die = (_call: string, moment: string) => {
          if (moment === when && ++calls === crashAt) throw new AppError("internal", "The process dies here.");
        };
        const dying = new Ledger(faulty(devices, die), faulty(summaries, die));
        const survived = await dying.foldSignals(batch, NOW).then(
          () => true,
          () => false,
        );
        const restarted = new Ledger(devices, summaries);
        await restarted.foldSignals(batch, NOW);
        const { differences } = await restarted.recount(RELEASE);
        expect({ ...(await readAll(restarted)), differences }, `${when} call ${crashAt}`).toEqual({
          rows: undisturbed.rows,
          summary: undisturbed.summary,
          differences: [],
        });
        if (survived) break;
      }
    }
  });

  it("offers the same devices after a crash half-way through a wave", async () => {
    const reference = await (await offered()).ledger.offerWave(RELEASE, "Ring1", 0, { count: 3 }, at(NOW));
    for (let crashAt = 1; crashAt <= 6; crashAt++) {
      const { devices, summaries } = await offered();
      let calls = 0;
      const die = (call: string, moment: string) => {
        if (call === "commit" && moment === "after" && ++calls === crashAt) throw new AppError("internal", "Dead.");
      };
      const dying = new Ledger(faulty(devices, die), faulty(summaries, die));
      await dying.offerWave(RELEASE, "Ring1", 0, { count: 3 }, at(NOW)).catch(() => undefined);
      const again = new Ledger(devices, summaries);
      expect(await again.offerWave(RELEASE, "Ring1", 0, { count: 3 }, at(NOW + DAY))).toEqual(reference);
      expect((await again.recount(RELEASE)).differences).toEqual([]);
    }
  });

  it("does not lose a commit whose answer was lost", async () => {
    const { devices, summaries } = await offered();
    let failing = 2;
    const flaky = faulty(devices, (call, when) => {
      if (call === "commit" && when === "after" && failing-- > 0) throw new AppError("unavailable", "No answer.");
    });
    const ledger = new Ledger(flaky, summaries);
    await ledger.foldSignals([signal(0, "installed"), signal(1, "failed")], NOW);
    expect((await ledger.recount(RELEASE)).differences).toEqual([]);
    expect((await ledger.summary(RELEASE)).rings.Test?.failed).toBe(1);
  });

  it("never lets an older snapshot replace a newer one", async () => {
    const { devices, summaries, ledger } = await offered();
    const other = new Ledger(devices, summaries);
    await ledger.foldSignals([signal(0, "installed")], NOW);
    await other.foldSignals([signal(1, "installed")], NOW);
    await ledger.foldSignals([signal(0, "installed")], NOW);
    expect((await ledger.recount(RELEASE)).differences).toEqual([]);
  });
});
