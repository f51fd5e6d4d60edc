import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { ringCompliance } from "../../../../shared/incidents/ring-compliance.js";
import type { DeviceRow } from "../../../../shared/ledger/index.js";
import { type DeviceRecord, DeviceState } from "../../../../shared/registration/device.js";
import type { QualityUpdate } from "../../../../shared/updates/quality-update.js";
import { B, ring } from "../releases/fixtures.js";

/** Ring2: offered at B + 5 days, deadline 2 days, SLO day B + 12. */
const { plan } = ring("Ring2");
const SLO_DAY = B + 12 * DAY_MS;
const OLD = "10.0.22631.3593";
const UPDATE = {
  revisions: [{ version: "Windows 11, version 23H2", kb: "KB5039212", build: "10.0.22631.3737" }],
} as unknown as QualityUpdate;

function row(state: DeviceRow["state"], firstSeenAt?: number): DeviceRow {
  const log = firstSeenAt === undefined ? [] : [{ at: firstSeenAt } as DeviceRow["log"][number]];
  const offeredAt = new Date(B + 5 * DAY_MS).toISOString();
  return {
    deviceId: "d",
    objectId: "o",
    ring: "Ring2",
    state,
    wave: 0,
    offeredAt,
    holds: [],
    attempt: 0,
    attributes: {},
    log,
  };
}

const knows = (state: DeviceState, osVersion = OLD) =>
  new Map([["d", { state, managed: { osVersion } } as unknown as DeviceRecord]]);
const counted = (device: DeviceRow, register = knows(DeviceState.ready), now = SLO_DAY) => {
  const { upToDate, denominator } = ringCompliance(plan, [device], { register }, UPDATE, 95, now);
  return `${upToDate} of ${denominator}`;
};

describe("compliance of a ring", () => {
  it.each([
    ["reported success", row("upToDate"), knows(DeviceState.ready), "1 of 1"],
    ["reported success and is not ready", row("upToDate"), knows(DeviceState.notReady), "1 of 1"],
    [
      "reported nothing, but Intune knows its new build",
      row("open"),
      knows(DeviceState.ready, "10.0.22631.3737"),
      "1 of 1",
    ],
    ["reported nothing", row("open"), knows(DeviceState.ready), "0 of 1"],
    ["failed", row("failed"), knows(DeviceState.ready), "0 of 1"],
    ["is not ready", row("open"), knows(DeviceState.notReady), "0 of 0"],
    ["is excluded", row("failed"), knows(DeviceState.excluded), "0 of 0"],
    ["is not registered any more", row("open"), new Map<string, DeviceRecord>(), "0 of 0"],
    ["is held by a safeguard", row("held"), knows(DeviceState.ready), "0 of 0"],
  ])("counts a device that %s", (_, device, register, expected) => {
    expect(counted(device, register)).toBe(expected);
  });

  it("gives a device that became active after the deadline grace + 5 days from then on", () => {
    const seenAt = B + 10 * DAY_MS;
    const late = row("open", seenAt);
    expect(counted(late)).toBe("0 of 0");
    expect(counted(late, knows(DeviceState.ready), seenAt + 7 * DAY_MS - HOUR_MS)).toBe("0 of 0");
    expect(counted(late, knows(DeviceState.ready), seenAt + 7 * DAY_MS)).toBe("0 of 1");
    expect(counted(row("open", B + 6 * DAY_MS))).toBe("0 of 1");
  });
});
