import { describe, expect, it } from "vitest";
import { countProgress, progressOf } from "../../../../shared/expedites/progress.js";
import { NotReadyReason, readinessTest, testDevice } from "../../../../shared/expedites/readiness.js";
import { SignalKind } from "../../../../shared/signals/signal.js";
import { MAY } from "./catalogue.js";

const device = (osVersion: string | null, state = "Ready") =>
  ({ managed: { osVersion }, state }) as unknown as Parameters<typeof testDevice>[0];
const OLD = "10.0.22631.5189";

describe("the readiness test of a device", () => {
  it("passes where nothing stands against it", () => {
    expect(testDevice(device(OLD), { updateHealthTools: "installed" }, MAY)).toEqual({ upToDate: false, reason: null });
  });

  it.each([
    ["an unknown build", device(null), {}, NotReadyReason.unknownWindows],
    ["another version of Windows", device("10.0.19045.5737"), {}, NotReadyReason.otherWindows],
    ["a device that is Not ready", device(OLD, "Not ready"), {}, NotReadyReason.notReady],
    ["missing Update Health Tools", device(OLD), { updateHealthTools: "missing" }, NotReadyReason.healthTools],
    ["no diagnostic data", device(OLD), { diagnosticData: "off" }, NotReadyReason.telemetry],
    ["stopped services", device(OLD), { updateServices: "stopped" }, NotReadyReason.services],
  ])("names %s", (_what, record, told, reason) => {
    expect(testDevice(record, told, MAY)).toEqual({ upToDate: false, reason });
  });

  it("asks for no Update Health Tools from 24H2 on", () => {
    const [first] = MAY.revisions;
    const newest = { ...MAY, revisions: first === undefined ? [] : [{ ...first, build: "10.0.26100.4061" }] };
    expect(testDevice(device("10.0.26100.3775"), { updateHealthTools: "missing" }, newest).reason).toBeNull();
  });

  it("has nothing to say of a device that is up to date, whatever it lacks", () => {
    const told = { updateHealthTools: "missing" };
    expect(testDevice(device("10.0.22631.8405"), told, MAY)).toEqual({ upToDate: true, reason: null });
  });

  it("counts every device once", () => {
    const tests = [
      { upToDate: true, reason: null },
      { upToDate: false, reason: null },
      { upToDate: false, reason: NotReadyReason.telemetry },
      { upToDate: false, reason: NotReadyReason.telemetry },
    ];
    const notReady = { [NotReadyReason.telemetry]: 2 };
    expect(readinessTest(tests, 7)).toEqual({ at: 7, devices: 4, upToDate: 1, ready: 1, notReady });
  });
});

describe("the state of an expedited update on a device (row 64)", () => {
  const open = (kind?: SignalKind) =>
    ({
      state: "open",
      log: kind === undefined ? [] : [{ attempt: 1, sequence: 1, kind, at: 0, receivedAt: 0 }],
    }) as const;

  it.each([
    [{ state: "notOffered", log: [] } as const, "Pending", "Scheduled"],
    [open(), "Offering", "OfferReady"],
    [open(SignalKind.offered), "Installing", "OfferReceived"],
    [open(SignalKind.downloading), "Installing", "DownloadStart"],
    [open(SignalKind.installStarted), "Installing", "InstallStart"],
    [open(SignalKind.restartPending), "Installing", "RestartRequired"],
    [{ state: "upToDate", log: [] } as const, "Installed", "UpdateInstalled"],
    [{ state: "failed", log: [] } as const, "Needs attention", "InstallFailed"],
    [{ state: "held", log: [] } as const, "Needs attention", "OnHold"],
  ])("%j is %s, %s", (row, state, substate) => {
    expect(progressOf(row)).toEqual({ state, substate });
  });

  it("is counted with all its substates", () => {
    const counts = countProgress([progressOf(open()), progressOf(open(SignalKind.offered)), progressOf(open())]);
    expect(Object.keys(counts)).toEqual(["Pending", "Offering", "Installing", "Installed", "Needs attention"]);
    expect(counts.Offering).toEqual({ devices: 2, substates: { OfferReady: 2 } });
    // As autopatch.md §5.7 prints them.
    const installing =
      "OfferReceived, DownloadStart, DownloadComplete, InstallStart, InstallComplete, RestartRequired, RestartInitiated, RestartComplete";
    expect(Object.keys(counts.Installing?.substates ?? {}).join(", ")).toBe(installing);
  });
});
