import { describe, expect, it } from "vitest";
import type { RawSignal } from "../../../../shared/signals/intake.js";
import { toMessage } from "../../../../shared/signals/rejected-queue.js";
import { at, BUILD, DAY, deviceId, HOUR, memoryLedger, RELEASE, START, signal } from "../ledger/setup.js";

const NOW = START + DAY;

const refused: readonly [string, RawSignal][] = [
  ["malformed", { body: "not json" }],
  ["malformed", { body: { specversion: "1.0" } }],
  ["tooLarge", { body: "x".repeat(4097) }],
  ["future", signal(0, "installed", { time: NOW + 5 * 60_000 + 1 })],
  ["tooOld", signal(0, "installed", { time: START - 1 })],
  ["unknownRelease", signal(0, "installed", { kb: "KB5000001" })],
  ["unknownDevice", signal(99, "installed")],
];

describe("refused signals", () => {
  it.each(refused)("are refused as %s and disturb nothing else in the batch", async (reason, raw) => {
    const { ledger } = await memoryLedger(3);
    const result = await ledger.foldSignals([signal(1, "installed"), raw, signal(2, "failed")], NOW);
    expect(result.rejected.map((rejection) => rejection.reason)).toEqual([reason]);
    expect(result.rejected[0]?.body).toBe(raw.body);
    expect((await ledger.summary(RELEASE)).rings.Test).toMatchObject({ upToDate: 1, failed: 1, size: 3 });
    expect(await ledger.rejections()).toMatchObject({ [reason]: 1 });
  });

  it("are accepted up to five minutes ahead and from the release's start on", async () => {
    const { ledger } = await memoryLedger(2);
    const early = signal(0, "downloading", { time: START });
    const ahead = signal(1, "downloading", { time: NOW + 5 * 60_000 });
    expect((await ledger.foldSignals([early, ahead], NOW)).rejected).toEqual([]);
  });

  it("are counted once when the batch is delivered again", async () => {
    const { ledger } = await memoryLedger(1);
    const batch = refused.map(([, raw]) => raw);
    await ledger.foldSignals(batch, NOW);
    await ledger.foldSignals(batch, NOW);
    const counts = { malformed: 2, tooLarge: 1, future: 1, tooOld: 1, unknownRelease: 1, unknownDevice: 1 };
    expect(await ledger.rejections()).toEqual(counts);
  });

  it("count in the release they are about", async () => {
    const { ledger } = await memoryLedger(1);
    await ledger.foldSignals([signal(99, "installed"), { body: "?" }], NOW);
    expect((await ledger.summary(RELEASE)).rejected).toMatchObject({ unknownDevice: 1, malformed: 0 });
  });

  it("go on with reason, message and original", async () => {
    const { ledger } = await memoryLedger(1);
    const raw = signal(99, "installed");
    const { rejected } = await ledger.foldSignals([raw], NOW);
    expect(rejected.map(toMessage)).toMatchObject([
      {
        applicationProperties: { reason: "unknownDevice" },
        body: { reason: "unknownDevice", releaseId: RELEASE, signal: raw.body },
      },
    ]);
  });

  it("are not refused when the device was enrolled, or the update registered, by another instance a moment ago", async () => {
    const { ledger, devices, summaries } = await memoryLedger(2);
    await ledger.foldSignals([signal(0, "offered")], NOW);
    const { Ledger } = await import("../../../../shared/ledger/index.js");
    const other = new Ledger(devices, summaries);
    await other.enrolDevices(RELEASE, [{ deviceId: deviceId(50), objectId: "o", ring: "Test" }]);
    await other.registerUpdate(RELEASE, { revisions: [{ kb: "KB5000002", build: BUILD }], startedAt: at(START) });
    const batch = [signal(50, "offered"), signal(0, "downloading", { kb: "KB5000002", sequence: 2 })];
    expect((await ledger.foldSignals(batch, NOW + HOUR)).rejected).toEqual([]);
  });
});
