import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, BUILDS, bench, DAY, HOUR, PUBLISHED } from "./fake-tenant.js";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fleet-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const UNTIL = PUBLISHED + 9 * DAY;
const options = { size: 200, scenario: { rate: 0.1 } };

/** What a run has come to: everything sent, in order of id, and the truth. */
function result(all: Bench): unknown {
  const signals = all.sent.map(({ sentAt, id, time, type }) => ({ sentAt, id, time, type }));
  const byId = signals.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)) || a.sentAt - b.sentAt);
  return { signals: byId, truth: all.fleet.truth(BUILDS) };
}

/** An offer, a pause and its end, as every run sees them. */
async function live(all: Bench, from: number, to: number): Promise<void> {
  const acts: [number, () => void][] = [
    [PUBLISHED, () => all.tenant.approve()],
    [PUBLISHED + 14 * HOUR, () => all.tenant.setRing({ qualityPaused: true })],
    [PUBLISHED + 40 * HOUR, () => all.tenant.setRing({ qualityPaused: false })],
  ];
  for (const [at, act] of acts) {
    if (at < from || at >= to) continue;
    await all.run(at);
    act();
  }
  await all.run(to);
}

async function undisturbed(): Promise<unknown> {
  const all = await bench(options);
  await live(all, 0, UNTIL);
  return result(all);
}

describe("a fleet that is started again", () => {
  test.each([
    { what: "before the offer", at: PUBLISHED - HOUR },
    { what: "right after the offer", at: PUBLISHED + 1 },
    { what: "while a pause spreads", at: PUBLISHED + 16 * HOUR },
    { what: "among the reports", at: PUBLISHED + 4 * DAY },
  ])("goes on as if nothing had been: stopped $what", async ({ at }) => {
    const journal = join(dir, "fleet.jsonl");
    const first = await bench({ ...options, journal });
    await live(first, 0, at);
    await first.fleet.stop();
    const second = await bench({ ...options, journal, from: first });
    await live(second, at, UNTIL);
    expect(result(second)).toEqual(await undisturbed());
  });

  test("repeats the tick that was torn while it was written", async () => {
    const journal = join(dir, "fleet.jsonl");
    const first = await bench({ ...options, journal });
    await live(first, 0, PUBLISHED + 4 * DAY);
    await first.fleet.stop();
    truncateSync(journal, statSync(journal).size - 7);
    const second = await bench({ ...options, journal, from: first });
    await live(second, PUBLISHED + 4 * DAY, UNTIL);
    const { signals, truth } = (await undisturbed()) as { signals: { id: string }[]; truth: unknown };
    expect(new Set(second.sent.map(({ id }) => id))).toEqual(new Set(signals.map(({ id }) => id)));
    expect(second.fleet.truth(BUILDS)).toEqual(truth);
  });

  test("does not add its devices again", async () => {
    const journal = join(dir, "fleet.jsonl");
    const first = await bench({ ...options, journal });
    await first.fleet.stop();
    first.tenant.devices.clear();
    await bench({ ...options, journal, from: first });
    expect(first.tenant.devices.size).toBe(0);
  });

  test("refuses the journal of another fleet, naming what differs", async () => {
    const journal = join(dir, "fleet.jsonl");
    await (await bench({ ...options, journal })).fleet.stop();
    await expect(bench({ ...options, journal, size: 201 })).rejects.toThrow(/size 200, not 201/);
  });

  test("tolerates a last line that is cut off", async () => {
    const journal = join(dir, "fleet.jsonl");
    await (await bench({ ...options, journal })).fleet.stop();
    const whole = readFileSync(journal, "utf8");
    appendFileSync(journal, '[["tick",19');
    await (await bench({ ...options, journal })).fleet.stop();
    expect(readFileSync(journal, "utf8").startsWith(whole)).toBe(true);
  });
});

describe("sending", () => {
  test("a tick that could not be sent is sent again before time goes on", async () => {
    let failures = 1;
    const all = await bench({
      ...options,
      send: async () => {
        if (failures-- > 0) throw new Error("The broker is away.");
      },
    });
    await live(all, 0, PUBLISHED + 3 * DAY);
    const expected = await bench(options);
    await live(expected, 0, PUBLISHED + 3 * DAY);
    expect(result(all)).toEqual(result(expected));
  });

  test("the same seed sends the same in the same order, another seed does not", async () => {
    const runs = await Promise.all([1, 1, 2].map((seed) => bench({ ...options, seed })));
    for (const all of runs) await live(all, 0, PUBLISHED + 4 * DAY);
    const [first, same, other] = runs.map(({ sent }) => sent.map(({ id, sentAt }) => `${id}@${sentAt}`));
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
  });

  test("duplicates and mixed order change nothing but that", async () => {
    const plain = await bench(options);
    const delivery = { duplicateShare: 0.5, shuffle: true };
    const mixed = await bench({ ...options, scenario: { ...options.scenario, delivery } });
    for (const all of [plain, mixed]) await live(all, 0, UNTIL);
    expect(mixed.sent.length).toBeGreaterThan(1.4 * plain.sent.length);
    expect(new Set(mixed.sent.map(({ id }) => id))).toEqual(new Set(plain.sent.map(({ id }) => id)));
    expect(mixed.fleet.truth(BUILDS).map(({ state }) => state)).toEqual(
      plain.fleet.truth(BUILDS).map(({ state }) => state),
    );
  });

  test("a quiet fleet leaves nothing in the clock but the inventory", async () => {
    const all = await bench({ ...options, scenario: { inventorySyncHours: 0 } });
    await live(all, 0, PUBLISHED - HOUR);
    expect(all.clock.nextDue()).toBeUndefined();
  });
});
