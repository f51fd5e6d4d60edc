import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../../infra/local/azurite.js";
import { Ledger } from "../../../../shared/ledger/index.js";
import { hash32 } from "../../../../shared/random.js";
import type { RawSignal } from "../../../../shared/signals/intake.js";
import { azureTable } from "../../../../shared/store/azure-table.js";
import { connectWith } from "../../../../shared/store/tables.js";
import { at, DAY, enrol, memoryLedger, RELEASE, readAll, START, signal } from "./setup.js";

const DEVICES = 300;
const NOW = START + 3 * DAY;

let azurite: Azurite;
let tables = 0;

beforeAll(async () => {
  azurite = await startAzurite({ tablesOnly: true });
});
afterAll(() => azurite.stop());

/** Two instances of the app on the same tables. */
async function twoLedgers(): Promise<[Ledger, Ledger]> {
  const names = [`devices${++tables}`, `summary${tables}`];
  for (const name of names) await connectWith(azurite.connectionString, name).createTable();
  const open = () => {
    const [devices = "", summaries = ""] = names;
    const table = (name: string) => azureTable(connectWith(azurite.connectionString, name));
    return new Ledger(table(devices), table(summaries));
  };
  return [open(), open()];
}

/** Every device goes through an attempt; one in five fails. */
function attempt(): RawSignal[] {
  return Array.from({ length: DEVICES }, (_, n) => [
    signal(n, "downloading", { sequence: 1 }),
    signal(n, "install-started", { sequence: 2 }),
    signal(n, n % 5 ? "installed" : "failed", { sequence: 3 }),
  ]).flat();
}

const shuffled = (signals: readonly RawSignal[], seed: number): RawSignal[] =>
  signals
    .map((item, n) => ({ item, key: hash32(seed, n) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

describe("ledger on Azurite", () => {
  it("holds the same rows and counters as in memory, also when everything is delivered twice in random order", async () => {
    const memory = await memoryLedger(DEVICES);
    await memory.ledger.offerWave(RELEASE, "Test", 0, { count: 200 }, at(START));
    await memory.ledger.foldSignals(attempt(), NOW);
    const [ledger] = await twoLedgers();
    await enrol(ledger, DEVICES);
    await ledger.offerWave(RELEASE, "Test", 0, { count: 200 }, at(START));
    const twice = shuffled([...attempt(), ...attempt()], 7);
    for (let from = 0; from < twice.length; from += 250) await ledger.foldSignals(twice.slice(from, from + 250), NOW);
    expect(await readAll(ledger)).toEqual(await readAll(memory.ledger));
    expect((await ledger.recount(RELEASE)).differences).toEqual([]);
  });

  it("stays exact when two instances fold the same partitions at the same time", async () => {
    const [first, second] = await twoLedgers();
    await enrol(first, DEVICES);
    await first.offerWave(RELEASE, "Test", 0, "rest", at(START));
    const signals = shuffled(attempt(), 3);
    const fold = async (ledger: Ledger, parity: number) => {
      for (let from = 0; from < signals.length; from += 60) {
        const part = signals.slice(from, from + 60).filter((_, n) => n % 3 === 2 || n % 3 === parity);
        await ledger.foldSignals(part, NOW);
      }
    };
    await Promise.all([fold(first, 0), fold(second, 1)]);
    const { rings, differences } = await second.recount(RELEASE);
    expect(differences).toEqual([]);
    expect(rings.Test).toMatchObject({ size: DEVICES, offered: DEVICES, open: 0, upToDate: 240, failed: 60 });
    expect((await first.summary(RELEASE)).rings).toEqual(rings);
  });
});
