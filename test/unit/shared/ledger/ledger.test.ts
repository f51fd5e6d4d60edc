import { describe, expect, it } from "vitest";
import type { WaveOffer, WaveOrder } from "../../../../shared/ledger/index.js";
import { at, DAY, deviceId, enrol, HOUR, memoryLedger, objectId, RELEASE, readAll, START, signal } from "./setup.js";

const NOW = START + 3 * DAY;

describe("ledger", () => {
  it("counts enrolled devices as not offered, per ring", async () => {
    const { ledger } = await memoryLedger(10, (n) => (n < 3 ? "Test" : "Ring1"));
    const { rings } = await ledger.summary(RELEASE);
    expect(rings.Test).toEqual({
      size: 3,
      held: 0,
      notOffered: 3,
      offered: 0,
      open: 0,
      upToDate: 0,
      failed: 0,
      rolledBack: 0,
    });
    expect(rings.Ring1?.size).toBe(7);
  });

  it("changes nothing when devices are enrolled again", async () => {
    const { ledger } = await memoryLedger(10);
    await ledger.offerWave(RELEASE, "Test", 0, { count: 4 }, at(START));
    const before = await readAll(ledger);
    await enrol(ledger, 10, () => "Other");
    expect(await readAll(ledger)).toEqual(before);
  });

  it("spreads devices over one shard per 2,000", async () => {
    const { devices } = await memoryLedger(4001);
    const keys = Object.keys(devices.dump()).filter((key) => !key.includes("|roster"));
    const partitions = new Set(keys.map((key) => key.split("/")[0]));
    expect(partitions.size).toBe(3);
  });

  it("offers as many devices as asked and returns their object ids", async () => {
    const { ledger } = await memoryLedger(20);
    const offer = await ledger.offerWave(RELEASE, "Test", 0, { count: 7 }, at(START));
    expect(offer.count).toBe(7);
    expect(new Set(offer.objectIds).size).toBe(7);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ size: 20, notOffered: 13, offered: 7, open: 7 });
  });

  it("returns the same devices when the same wave is offered again, at the first time", async () => {
    const { ledger } = await memoryLedger(20);
    const first = await ledger.offerWave(RELEASE, "Test", 0, { count: 7 }, at(START));
    expect(await ledger.offerWave(RELEASE, "Test", 0, { count: 9 }, at(NOW))).toEqual(first);
  });

  it("offers the rest of a ring in a later wave, other rings untouched", async () => {
    const { ledger } = await memoryLedger(20, (n) => (n < 10 ? "Test" : "Ring1"));
    const first = await ledger.offerWave(RELEASE, "Test", 0, { count: 4 }, at(START));
    const rest = await ledger.offerWave(RELEASE, "Test", 1, "rest", at(NOW));
    expect([...first.objectIds, ...rest.objectIds].sort()).toEqual(
      Array.from({ length: 10 }, (_, n) => objectId(n)).sort(),
    );
    expect((await ledger.summary(RELEASE)).rings.Ring1?.offered).toBe(0);
  });

  it("does not offer held devices", async () => {
    const { ledger } = await memoryLedger(5);
    await ledger.holdDevices(RELEASE, [deviceId(2)], "cohort");
    const offer = await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    expect(offer.objectIds).not.toContain(objectId(2));
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ size: 5, held: 1, offered: 4 });
  });

  it("takes devices in the order it is given", async () => {
    const { ledger } = await memoryLedger(9);
    const byName: WaveOrder = (free) => [...free].sort((a, b) => (a.objectId < b.objectId ? 1 : -1));
    const offer = await ledger.offerWave(RELEASE, "Test", 0, { count: 2 }, at(START), byName);
    expect([...offer.objectIds].sort()).toEqual(["object-7", "object-8"]);
  });

  it("shows every attribute value in the first wave, and goes on in the same order in the next", async () => {
    const { ledger } = await memoryLedger(0);
    const models = Array.from({ length: 60 }, (_, n) => (n < 50 ? "common" : `rare ${n}`));
    await ledger.enrolDevices(
      "order",
      models.map((model, n) => ({ deviceId: deviceId(n), objectId: objectId(n), ring: "Test", attributes: { model } })),
    );
    const modelsOf = ({ objectIds }: WaveOffer) => objectIds.map((id) => models[Number(id.slice("object-".length))]);
    const waves = [];
    for (const wave of [0, 1]) waves.push(await ledger.offerWave("order", "Test", wave, { count: 11 }, at(START)));
    const [first, second] = waves.map(modelsOf);
    expect(new Set(first)).toEqual(new Set(models));
    expect(second?.every((model) => model === "common")).toBe(true);
    const alone = await memoryLedger(0);
    await alone.ledger.enrolDevices(
      "order",
      models.map((model, n) => ({ deviceId: deviceId(n), objectId: objectId(n), ring: "Test", attributes: { model } })),
    );
    const both = await alone.ledger.offerWave("order", "Test", 0, { count: 22 }, at(START));
    expect([...both.objectIds].sort()).toEqual(waves.flatMap(({ objectIds }) => objectIds).sort());
  });

  it("tells how far devices are as it tells everything about them", async () => {
    const { ledger } = await memoryLedger(5);
    await ledger.offerWave(RELEASE, "Test", 0, { count: 3 }, at(START));
    await ledger.foldSignals([signal(0, "installed"), signal(1, "failed")], NOW);
    const rows = await ledger.devices(RELEASE);
    const progress = (await ledger.progress(RELEASE)).toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    expect(progress).toEqual(rows.map(({ objectId: _id, attributes: _attributes, ...row }) => row));
  });

  it("counts the outcome of the latest signal", async () => {
    const { ledger } = await memoryLedger(5);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    const result = await ledger.foldSignals(
      [
        signal(0, "installed", { sequence: 3 }),
        signal(0, "downloading", { sequence: 1 }),
        signal(1, "failed", { errorCode: "0x800F0922" }),
        signal(2, "rolled-back"),
        signal(3, "downloading"),
      ],
      NOW,
    );
    expect(result).toMatchObject({ accepted: 5, devicesChanged: 4, rejected: [] });
    const { rings, waves } = await ledger.summary(RELEASE);
    expect(rings.Test).toEqual({
      size: 5,
      held: 0,
      notOffered: 0,
      offered: 5,
      open: 2,
      upToDate: 1,
      failed: 1,
      rolledBack: 1,
    });
    expect(waves[0]).toMatchObject({ offered: 5, resolved: 3, upToDate: 1, failed: 1, rolledBack: 1 });
    expect(await ledger.device(RELEASE, deviceId(1))).toMatchObject({ state: "failed", errorCode: "0x800f0922" });
  });

  it("counts a device that tries again by its last outcome, until it has another", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals([signal(0, "failed"), signal(0, "install-started", { attempt: 2 })], NOW);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ open: 0, failed: 1 });
    await ledger.foldSignals([signal(0, "installed", { attempt: 2, sequence: 2 })], NOW);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ failed: 0, upToDate: 1 });
    expect((await ledger.summary(RELEASE)).waves[0]).toMatchObject({ failed: 0, upToDate: 1, failedOnce: 1 });
  });

  it("puts a final report into the day after the offer on which it was received", async () => {
    const { ledger } = await memoryLedger(3);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals([signal(0, "installed", { enqueuedAt: START + HOUR })], NOW);
    await ledger.foldSignals([signal(1, "installed")], START + 2 * DAY + HOUR);
    await ledger.foldSignals([signal(2, "failed")], START + 30 * DAY);
    const bins = (await ledger.summary(RELEASE)).waves[0]?.reportAgeBins;
    expect(bins).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("puts a final report into the day after the beginning of its own attempt", async () => {
    const { ledger } = await memoryLedger(4);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    const began = START + 3 * DAY;
    const starts = [0, 1, 2].map((n) => signal(n, "install-started", { time: began }));
    await ledger.foldSignals([...starts, signal(3, "installed")], began + HOUR);
    await ledger.foldSignals([signal(0, "installed", { sequence: 2 })], began + HOUR);
    await ledger.foldSignals([signal(1, "failed", { sequence: 2 })], began + 2 * DAY);
    await ledger.foldSignals([signal(1, "install-started", { attempt: 2, time: began + 3 * DAY })], began + 3 * DAY);
    await ledger.foldSignals([signal(1, "failed", { sequence: 2 })], began + 4 * DAY);
    const [wave] = (await ledger.summary(RELEASE)).waves;
    expect(wave?.started).toBe(3);
    expect(wave?.returnAgeBins).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await ledger.foldSignals([signal(1, "installed", { attempt: 2, sequence: 2 })], began + 40 * DAY);
    const returns = (await ledger.summary(RELEASE)).waves[0]?.returnAgeBins;
    expect(returns).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect((await ledger.recount(RELEASE)).differences).toEqual([]);
  });

  it("does not count how long people let a restart wait", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals([signal(0, "install-started", { time: START })], START + HOUR);
    await ledger.foldSignals([signal(0, "restart-pending", { sequence: 2, time: START + HOUR })], START + HOUR);
    const done = START + 2 * DAY;
    await ledger.foldSignals([signal(0, "installed", { sequence: 3, time: done })], done + 25 * HOUR);
    expect((await ledger.summary(RELEASE)).waves[0]?.returnAgeBins.slice(0, 4)).toEqual([0, 1, 0, 0]);
  });

  it("knows who began to install and has not come back, by the hour of the beginning", async () => {
    const { ledger } = await memoryLedger(3);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals(
      [0, 1, 2].map((n) => signal(n, "install-started", { time: START + n * HOUR })),
      NOW,
    );
    await ledger.foldSignals(
      [signal(1, "installed", { sequence: 2 }), signal(2, "restart-pending", { sequence: 2 })],
      NOW,
    );
    const { startedSilent, waves } = await ledger.summary(RELEASE);
    expect(startedSilent).toEqual([{ since: at(START), devices: 1 }]);
    const restartPending = [{ since: at(START + HOUR), devices: 1 }];
    expect(waves[0]).toMatchObject({ started: 3, startedSilent, restartPending });
  });

  it("holds devices for several reasons and frees them when the last is gone", async () => {
    const { ledger } = await memoryLedger(2);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.holdDevices(RELEASE, [deviceId(0)], "a");
    await ledger.holdDevices(RELEASE, [deviceId(0)], "b");
    await ledger.releaseDevices(RELEASE, [deviceId(0)], "a");
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ held: 1, offered: 1 });
    await ledger.releaseDevices(RELEASE, [deviceId(0)], "b");
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ held: 0, offered: 2 });
  });

  it("counts a held device that has an outcome by its outcome", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.holdDevices(RELEASE, [deviceId(0)], "cohort");
    await ledger.foldSignals([signal(0, "failed")], NOW);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ held: 0, failed: 1 });
  });

  it("takes a held cohort out of what the gate counts, with its outcomes, and leaves it in its ring", async () => {
    const { ledger } = await memoryLedger(6);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals([signal(1, "failed"), signal(3, "install-started"), signal(0, "installed")], NOW);
    await ledger.holdDevices(RELEASE, [1, 3, 5].map(deviceId), "cohort:parity=odd");
    const { rings, waves, startedSilent } = await ledger.summary(RELEASE);
    expect(rings.Test).toMatchObject({ size: 6, held: 2, offered: 4, open: 2, upToDate: 1, failed: 1 });
    expect(waves[0]).toMatchObject({ offered: 3, resolved: 1, failed: 0, started: 0, startedSilent: [] });
    expect(waves[0]?.reportAgeBins.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(startedSilent).toEqual([]);
    await ledger.releaseDevices(RELEASE, [1, 3, 5].map(deviceId), "cohort:parity=odd");
    expect((await ledger.summary(RELEASE)).waves[0]).toMatchObject({ offered: 6, resolved: 2, failed: 1, started: 1 });
  });

  it("offers exempted devices and keeps them set aside", async () => {
    const { ledger } = await memoryLedger(2);
    await ledger.holdDevices(RELEASE, [deviceId(1)], "exempt:cohort:parity=odd");
    const offer = await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    expect(offer.count).toBe(2);
    const { rings, waves } = await ledger.summary(RELEASE);
    expect([rings.Test?.offered, waves[0]?.offered]).toEqual([2, 1]);
  });

  it("counts a safeguard-blocked device as held", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
    await ledger.foldSignals([signal(0, "safeguard-blocked")], NOW);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ size: 1, held: 1, offered: 0 });
  });

  it("enumerates failures", async () => {
    const { ledger } = await memoryLedger(4);
    await ledger.foldSignals([signal(1, "failed"), signal(2, "rolled-back"), signal(3, "installed")], NOW);
    const found = [];
    for await (const row of ledger.failures(RELEASE)) found.push(row.deviceId);
    expect(found.sort()).toEqual([deviceId(1), deviceId(2)]);
  });

  it("finds counters, rows and summary in agreement", async () => {
    const { ledger } = await memoryLedger(50, (n) => (n % 3 ? "Test" : "Ring1"));
    await ledger.offerWave(RELEASE, "Test", 0, { count: 12 }, at(START));
    await ledger.foldSignals(
      Array.from({ length: 30 }, (_, n) => signal(n, n % 4 ? "installed" : "failed")),
      NOW,
    );
    const { rings, differences } = await ledger.recount(RELEASE);
    expect(differences).toEqual([]);
    expect(rings).toEqual((await ledger.summary(RELEASE)).rings);
  });

  it("keeps folding late signals after the release has ended", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.endRelease(RELEASE, at(NOW));
    await ledger.endRelease(RELEASE, at(NOW + DAY));
    await ledger.foldSignals([signal(0, "installed")], NOW + DAY);
    expect(await ledger.summary(RELEASE)).toMatchObject({ endedAt: at(NOW), rings: { Test: { upToDate: 1 } } });
  });
});
