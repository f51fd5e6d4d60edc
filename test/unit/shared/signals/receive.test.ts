import { describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { receiveSignals, toBatch } from "../../../../shared/signals/receive.js";
import { at, DAY, deviceId, HOUR, memoryLedger, RELEASE, START, signal } from "../ledger/setup.js";

const NOW = START + DAY;
const sendAgain = async () => undefined;

/** A driver that no release is about, at an instant (ms). */
const ofDriver = (time: number) => ({
  body: JSON.stringify({
    ...{ specversion: "1.0", id: "d", source: "/devices/d", type: "ringmaster.update.installed" },
    time: at(time),
    data: {
      ...{ deviceId: deviceId(0), workload: "driver", update: "a".repeat(64), version: "1.2.3" },
      ...{ attempt: 1, sequence: 1 },
    },
  }),
});

describe("receiving a batch", () => {
  it("passes on what is refused, then tells what was folded, also for a batch that changes nothing", async () => {
    const { ledger } = await memoryLedger(1);
    const calls: unknown[] = [];
    const deps = {
      ledger,
      sendRejected: async (rejections: readonly { reason: string }[]) =>
        void calls.push(rejections.map((r) => r.reason)),
      sendAgain,
      onFolded: async ({ releases }: { releases: unknown }) => void calls.push(releases),
    };
    const batch = [signal(0, "installed"), { body: "?" }];
    await receiveSignals(deps, batch, NOW);
    await receiveSignals(deps, batch, NOW);
    expect(calls).toEqual([
      ["malformed"],
      [{ releaseId: RELEASE, signals: 1, reports: 1, devicesChanged: 1 }],
      ["malformed"],
      [{ releaseId: RELEASE, signals: 1, reports: 1, devicesChanged: 0 }],
    ]);
  });

  it("gives the batch back when refused signals cannot be passed on", async () => {
    const { ledger } = await memoryLedger(1);
    const sendRejected = async () => {
      throw new AppError("unavailable", "Service Bus is away.");
    };
    const deps = { ledger, sendRejected, sendAgain, onFolded: async () => undefined };
    await expect(receiveSignals(deps, [{ body: "?" }], NOW)).rejects.toThrow("Service Bus is away.");
  });

  it("has drivers come again whose release the next look starts, until it must have started", async () => {
    const { ledger } = await memoryLedger(1);
    const [again, refused]: [unknown[], string[]] = [[], []];
    const deps = {
      ledger,
      sendRejected: async (rejections: readonly { reason: string }[]) =>
        void refused.push(...rejections.map(({ reason }) => reason)),
      sendAgain: async (early: readonly unknown[]) => void again.push(...early),
      onFolded: async () => undefined,
    };
    const [early, late] = [ofDriver(NOW - HOUR), ofDriver(NOW - 2 * HOUR)];
    await receiveSignals(deps, [early, late], NOW);
    expect([again, refused]).toEqual([[early], ["unknownRelease"]]);
  });

  it("pairs bodies with the times at which the queue took them", () => {
    const stamps = ["2024-06-12T10:00:00.000Z", "nonsense"];
    expect(toBatch(["a", "b"], { enqueuedTimeUtcArray: stamps })).toEqual([
      { body: "a", enqueuedAt: Date.parse("2024-06-12T10:00:00Z") },
      { body: "b" },
    ]);
  });
});
