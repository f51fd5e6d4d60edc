import { describe, expect, it } from "vitest";
import { Ledger } from "../../../../shared/ledger/index.js";
import { at, DAY, faulty, memoryLedger, RELEASE, readAll, START, signal } from "./setup.js";

const ENDED = START + 20 * DAY;

async function endedRelease() {
  const all = await memoryLedger(300);
  await all.ledger.offerWave(RELEASE, "Test", 0, "rest", at(START));
  await all.ledger.foldSignals([signal(0, "installed"), signal(1, "failed")], START + DAY);
  await all.ledger.endRelease(RELEASE, at(ENDED));
  return all;
}

describe("retention of device rows", () => {
  it("keeps them to the 90th day after the end of the release", async () => {
    const { ledger } = await endedRelease();
    expect(await ledger.dropExpiredDevices(RELEASE, ENDED + 90 * DAY - 1)).toBe(false);
    expect((await readAll(ledger)).rows).toHaveLength(300);
  });

  it("deletes them from then on and keeps the counters", async () => {
    const { ledger, devices } = await endedRelease();
    const before = (await ledger.summary(RELEASE)).rings;
    expect(await ledger.dropExpiredDevices(RELEASE, ENDED + 90 * DAY)).toBe(true);
    expect(Object.keys(devices.dump())).toEqual([]);
    expect((await ledger.summary(RELEASE)).rings).toEqual(before);
  });

  it("keeps the rows of a release that has not ended", async () => {
    const { ledger } = await memoryLedger(10);
    expect(await ledger.dropExpiredDevices(RELEASE, ENDED + 900 * DAY)).toBe(false);
  });

  it("refuses signals about a release whose rows are gone", async () => {
    const { ledger } = await endedRelease();
    await ledger.dropExpiredDevices(RELEASE, ENDED + 90 * DAY);
    const { rejected } = await ledger.foldSignals([signal(2, "installed")], ENDED + 91 * DAY);
    expect(rejected).toMatchObject([{ reason: "unknownRelease" }]);
  });

  it("finishes a deletion that a crash cut short, and then has nothing to do", async () => {
    const { devices, summaries, ledger } = await endedRelease();
    let commits = 0;
    const broken = faulty(devices, (call, when) => {
      if (call === "commit" && when === "after" && ++commits === 1) throw new Error("the process ended here");
    });
    const now = ENDED + 90 * DAY;
    await expect(new Ledger(broken, summaries).dropExpiredDevices(RELEASE, now)).rejects.toThrow("ended here");
    expect(await ledger.dropExpiredDevices(RELEASE, now)).toBe(true);
    expect(Object.keys(devices.dump())).toEqual([]);
    expect(await ledger.dropExpiredDevices(RELEASE, now)).toBe(false);
  });
});
