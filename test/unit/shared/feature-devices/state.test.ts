import { describe, expect, it } from "vitest";
import { type FeatureProgress, featureState, type RingOffer } from "../../../../shared/feature-devices/state.js";
import { FeatureState, SUBSTATES } from "../../../../shared/feature-devices/states.js";
import type { LogEntry } from "../../../../shared/ledger/log.js";
import type { SignalKind } from "../../../../shared/signals/signal.js";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const DAY = 86_400_000;
const phase: NonNullable<RingOffer["phase"]> = {
  ...{ status: "Active", firstDate: "2026-11-01", gradualGroups: 1, daysBetween: 7 },
  ...{ because: null, hasPolicy: true, hasLeft: false },
};
const decision = { reason: "other", text: "Trade fair.", at: NOW - DAY, by: { id: "ada", name: "Ada" } } as const;
const healthy = { label: "Healthy", reasons: [], unknown: [], isShortOfHardware: false } as const;
const unhealthy = (code: string) =>
  ({ ...healthy, label: "Unhealthy", reasons: [{ code, text: `No ${code}.` }] }) as FeatureProgress["eligibility"];

let offer: RingOffer;
const standing = (patch: Partial<FeatureProgress> = {}, ring: Partial<RingOffer> = {}, now = NOW) => {
  offer = { phase, deferredUntil: 0, uninstall: null, isSuspended: false, isWithdrawn: false, ...ring };
  const version = "Windows 11, version 24H2";
  const device: FeatureProgress = {
    ...{ target: { version, named: version, build: 26_100 }, offer, eligibility: healthy },
    ...{ build: 22_631, seenAt: NOW - DAY, conflict: null, row: { log: [], holds: [] } },
    ...{ safeguardHolds: [], isOptedOut: false, ...patch },
  };
  return featureState(device, now);
};
const state = (...given: Parameters<typeof standing>) => {
  const { state: found, substate } = standing(...given);
  return substate === null ? found : `${found}: ${substate}`;
};
/** Signals one after the other, a code after a colon. */
const said = (...kinds: string[]): Pick<FeatureProgress, "row"> => {
  const log = kinds.map((text, place): LogEntry => {
    const [kind = "", errorCode] = text.split(":");
    const at = NOW - 3_600_000 * (kinds.length - place);
    const code = errorCode === undefined ? {} : { errorCode };
    return { attempt: 1, sequence: place + 1, kind: kind as SignalKind, at, receivedAt: at, ...code };
  });
  return { row: { log, holds: [] } };
};
const paused: Partial<RingOffer> = { phase: { ...phase, status: "Paused", because: decision } };

describe("the state of a device with a feature update", () => {
  it("has the eight states of the report, each with its substates", () => {
    expect(Object.values(FeatureState)).toHaveLength(8);
    expect(Object.values(SUBSTATES).map((each) => each.length)).toEqual([2, 3, 6, 2, 7, 1, 4, 0]);
  });

  it.each<[string, Parameters<typeof standing>]>([
    ["Pending: Scheduled", [{}, { phase: { ...phase, firstDate: "2026-11-21" } }]],
    ["Pending: Scheduled", [{}, { phase: { ...phase, firstDate: "2026-11-14", gradualGroups: 2 } }]],
    ["Pending: Validation", [{}, { phase: { ...phase, hasPolicy: false } }]],
    ["Pending: Validation", [{ eligibility: { ...healthy, unknown: [{ code: "tpm", text: "" }] } }]],
    ["On hold: Admin paused", [{}, paused]],
    ["On hold: Admin paused", [said("offered", "downloading"), paused]],
    ["On hold: ServicePaused", [said("safeguard-blocked")]],
    ["On hold: ServicePaused", [said("offered", "downloading"), { isSuspended: true }]],
    ["On hold: ServicePaused", [{ safeguardHolds: ["58123456"] }]],
    ["On hold: ServicePaused", [{ row: { log: [], holds: ["cohort:model=A"] } }]],
    ["On hold: Deferred", [{}, { deferredUntil: NOW + DAY }]],
    ["Canceled: Admin Cancelled", [{}, { phase: { ...phase, status: "Canceled", because: decision } }]],
    ["Canceled: Removed from Deployment", [{}, { phase: { ...phase, hasLeft: true } }]],
    ["Canceled: Removed from Deployment", [{}, { phase: { ...phase, status: "Inactive" } }]],
    ["Canceled: Service Cancelled", [{}, { isWithdrawn: true }]],
    ["Canceled: Not Supported", [{ eligibility: unhealthy("edition") }]],
    ["Canceled: User Cancelled", [said("offered", "failed:0x800704C7")]],
    ["Canceled: Device Cancelled", [said("offered", "failed:0x8024000b")]],
    ["Offering: OfferReady", []],
    ["Offering: OfferReady", [{}, { phase: null }]],
    ["Offering: OfferReady", [{ row: { log: [], holds: [], offeredAt: "2026-11-01T00:00:00Z" } }]],
    ["Offering: Offer Received", [said("offered")]],
    ["Installing: Download Start", [said("offered", "downloading")]],
    ["Installing: Install Start", [said("offered", "install-started")]],
    ["Installing: Install Start", [said("offered", "install-started"), paused]],
    ["Installing: Restart Required", [said("install-started", "restart-pending")]],
    ["Installed: Update Installed", [{ build: 26_100 }]],
    ["Installed: Update Installed", [{ build: 26_200 }, paused]],
    ["Installed: Update Installed", [said("install-started", "installed")]],
    ["Uninstalling: Uninstall", [{ build: 26_100 }, { uninstall: { since: NOW - DAY, until: NOW + DAY } }]],
    ["Installed: Update Installed", [{ build: 26_100 }, { uninstall: { since: NOW - DAY, until: NOW } }]],
    ["Uninstalling: Update Uninstalled", [said("installed"), { uninstall: { since: NOW - DAY, until: NOW + DAY } }]],
    ["Uninstalling: Rollback", [{ ...said("installed", "rolled-back"), build: 26_100, seenAt: NOW }]],
    ["Uninstalling: Rollback complete", [{ ...said("installed", "rolled-back"), build: 22_631 }]],
    ["Needs attention", [said("install-started", "failed:0x80070070")]],
    ["Needs attention", [said("install-started", "rolled-back:0xc1900101")]],
    ["Needs attention", [{ conflict: { check: "Updates via MDM", message: "Remove it." } }]],
    ["Needs attention", [{ eligibility: unhealthy("checkIn") }]],
    ["Needs attention", [said("install-started"), {}, NOW + 7 * DAY]],
  ])("is %s", (expected, given) => {
    expect(state(...given)).toBe(expected);
  });

  it("says what is wrong and what to do wherever it needs attention", () => {
    const cases = [said("failed:0x80070070"), said("failed:0x12345678"), said("failed"), said("rolled-back")];
    for (const { alert } of [...cases, { eligibility: unhealthy("managed") }].map((each) => standing(each))) {
      expect([alert?.text.length, alert?.remedy.length].every((length) => (length ?? 0) > 10)).toBe(true);
    }
    expect(standing(said("failed:0x80070070")).alert?.code).toBe("DiskFull");
  });

  it("goes on where the device tries again, and is beyond a hold once it installs", () => {
    expect(state(said("failed:0x80070070", "downloading"))).toBe("Installing: Download Start");
    expect(state({ ...said("safeguard-blocked", "install-started"), safeguardHolds: ["58123456"] })).toBe(
      "Installing: Install Start",
    );
  });

  it("is no hold for a device that is opted out of safeguards", () => {
    expect(state({ ...said("safeguard-blocked"), safeguardHolds: ["58123456"], isOptedOut: true })).toBe(
      "Offering: OfferReady",
    );
  });

  it("stays on its version where Windows 11 is too much for it, and says why", () => {
    const target = { version: null, named: "Windows 11, version 24H2", build: 26_100 };
    const found = standing({ target, build: 19_045, eligibility: unhealthy("tpm") });
    expect([found.substate, found.because]).toEqual(["Not Supported", "It stays on its version. No tpm."]);
  });

  it("tells who paused it and why", () => {
    expect(standing({}, paused).because).toBe("Ada paused it on 2026-11-19 12:00 UTC: other, Trade fair.");
  });
});
