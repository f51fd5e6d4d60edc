import { describe, expect, it } from "vitest";
import type { DeviceTruth } from "../../../infra/local/fleet/index.js";
import type { DeviceRow } from "../../../shared/ledger/device-row.js";
import { differences, disagreements } from "../../verify/agreement.js";

function row(deviceId: string, state: DeviceRow["state"], more: Partial<DeviceRow> = {}): DeviceRow {
  return { deviceId, objectId: "", ring: "Test", state, holds: [], attempt: 0, attributes: {}, log: [], ...more };
}

function truth(deviceId: string, state: DeviceTruth["state"], more: Partial<DeviceTruth> = {}): DeviceTruth {
  return { deviceId, state, neverReports: false, harmed: false, reportPending: false, ...more };
}

describe("ledger and truth", () => {
  it.each([
    ["upToDate", "installed"],
    ["failed", "failed"],
    ["rolledBack", "rolledBack"],
    ["open", "none"],
    ["notOffered", "none"],
    ["held", "none"],
  ] as const)("%s agrees with %s", (state, really) => {
    expect(disagreements([row("a", state)], [truth("a", really)])).toEqual([]);
  });

  it.each([
    ["open", "installed"],
    ["notOffered", "installed"],
    ["upToDate", "failed"],
    ["failed", "installed"],
    ["upToDate", "none"],
  ] as const)("%s disagrees with %s", (state, really) => {
    expect(disagreements([row("a", state)], [truth("a", really)])).toHaveLength(1);
  });

  it.each([["neverReports"], ["reportPending"]])("an open device is excused by %s", (excuse) => {
    expect(disagreements([row("a", "open")], [truth("a", "failed", { [excuse]: true })])).toEqual([]);
  });

  it("a device that never reports is not excused when the ledger claims to know", () => {
    expect(disagreements([row("a", "upToDate")], [truth("a", "failed", { neverReports: true })])).toHaveLength(1);
  });

  it("a device of the ledger that the fleet does not have is named", () => {
    expect(disagreements([row("a", "open")], [])).toEqual(["a: in the ledger, but not in the fleet"]);
  });
});

describe("rows of two runs", () => {
  it("are the same whatever their order", () => {
    const rows = [row("a", "open"), row("b", "failed", { errorCode: "0x80070005" })];
    expect(differences(rows, rows.toReversed())).toEqual([]);
  });

  it("differ in every field that is not the same, named with both values", () => {
    const before = [row("a", "open", { attempt: 1 })];
    const after = [row("a", "open", { attempt: 2 })];
    expect(differences(before, after)).toEqual(["a: attempt 1 became 2"]);
  });

  it("that are missing or too many are named", () => {
    expect(differences([row("a", "open")], [row("b", "open")])).toEqual(["a: row is missing", "b: row is too many"]);
  });
});
