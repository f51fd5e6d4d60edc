import { describe, expect, it } from "vitest";
import { Ledger } from "../../../../shared/ledger/index.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { at, BUILD, deviceId, HOUR, memoryLedger, objectId, RELEASE, START, signal } from "./setup.js";

const NOW = START + 2 * HOUR;

async function joining(count: number): Promise<Ledger> {
  const ledger = new Ledger(new MemoryTable(), new MemoryTable());
  const devices = Array.from({ length: count }, (_, n) => ({
    ...{ deviceId: deviceId(n), objectId: objectId(n), ring: "Test" },
  }));
  await ledger.registerUpdate(RELEASE, { revisions: [{ kb: "KB5039212", build: BUILD }], startedAt: at(START) });
  await ledger.enrolDevices(RELEASE, devices, { joinsBySignal: true });
  return ledger;
}

describe("a release whose devices join by signal", () => {
  it("counts a device as offered from its first word on, and nobody before", async () => {
    const ledger = await joining(5);
    const offer = await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    expect(offer.count).toBe(0);
    await ledger.foldSignals([signal(1, "offered"), signal(2, "install-started", { time: START + 90 * 60_000 })], NOW);
    const { rings, waves } = await ledger.summary(RELEASE);
    expect(rings.Test).toMatchObject({ size: 5, notOffered: 3, offered: 2, open: 2 });
    expect(waves).toMatchObject([{ ring: "Test", wave: 0, offered: 2, started: 1 }]);
    expect((await ledger.device(RELEASE, deviceId(2)))?.offeredAt).toBe(at(START + 90 * 60_000));
  });

  it("says the same in whatever order signals come", async () => {
    const signals = [signal(1, "offered"), signal(1, "installed", { sequence: 2, time: START + 90 * 60_000 })];
    const [there, back] = [await joining(2), await joining(2)];
    await there.foldSignals(signals, NOW);
    for (const one of signals.toReversed()) await back.foldSignals([one], NOW);
    expect((await back.summary(RELEASE)).rings).toEqual((await there.summary(RELEASE)).rings);
  });
});

describe("what an inventory proves", () => {
  it("is noted once, and a device that goes back is rolled back", async () => {
    const { ledger } = await memoryLedger(4);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    const ids = [deviceId(0), deviceId(1)];
    expect(await ledger.noteOutcomes(RELEASE, ids, "installed", NOW)).toBe(2);
    expect(await ledger.noteOutcomes(RELEASE, ids, "installed", NOW + HOUR)).toBe(0);
    expect(await ledger.noteOutcomes(RELEASE, [deviceId(0)], "rolled-back", NOW + HOUR)).toBe(1);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ upToDate: 1, rolledBack: 1, open: 2 });
  });

  it("says nothing about devices that never had it, or are not in the release", async () => {
    const { ledger } = await memoryLedger(1);
    expect(await ledger.noteOutcomes(RELEASE, [deviceId(0), deviceId(7)], "rolled-back", NOW)).toBe(0);
  });
});
