import { expect, it } from "vitest";
import { overridesOf } from "../../../../shared/hotpatch/calendar.js";
import { cycleAt } from "../../../../shared/hotpatch/cycle.js";
import type { QualityPolicy } from "../../../../shared/hotpatch/policy.js";
import { type ReportDevice, type RingProgress, reportRows } from "../../../../shared/hotpatch/report.js";
import { SPRING_2026 } from "./updates.js";

const cycle = cycleAt(Date.parse("2026-05-20T00:00:00Z"), overridesOf([]), SPRING_2026);
const policy: QualityPolicy = { name: "Sales - Ring1", groupId: "sales", ring: "Ring1", hotpatch: true };
const [OLD, HOTPATCHED, CUMULATIVE] = ["10.0.26100.8240", "10.0.26100.8390", "10.0.26100.8457"];
const running: RingProgress = { paused: false, running: true, failed: false };

interface Case extends Partial<RingProgress> {
  readonly build: string | null;
  readonly ready?: boolean;
  readonly policy?: null;
  readonly reasons?: readonly string[];
}

function report(cases: readonly Case[]) {
  const devices = cases.map(({ build, ready = true, reasons = [], ...given }, index): ReportDevice => {
    return {
      record: { deviceId: String(index), state: ready ? "Ready" : "Not ready" },
      policy: given.policy === null ? null : policy,
      build,
      eligibility: {
        label: reasons.length === 0 ? "Healthy" : "Unhealthy",
        reasons: reasons.map((code) => ({ code, text: code })),
      },
    };
  });
  return reportRows([policy], devices, cycle, ({ record, policy: own }) => {
    return own === null ? undefined : { ...running, ...cases[Number(record.deviceId)] };
  });
}

it("counts every device of a policy in one state", () => {
  const [row] = report([
    { build: HOTPATCHED },
    { build: CUMULATIVE, reasons: ["vbsNotRunning"] },
    { build: OLD },
    { build: OLD, failed: true },
    { build: OLD, running: false, reasons: ["vbsNotRunning", "licence"] },
    { build: OLD, paused: true },
    { build: HOTPATCHED, ready: false },
    { build: null },
  ]);
  expect(row).toEqual({
    ...{ policy: "Sales - Ring1", groupId: "sales", ring: "Ring1" },
    ...{ devices: 8, upToDate: 2, hotpatched: 1, notUpToDate: 3, inProgress: 1, notReady: 1, paused: 1 },
    percentWithLatest: 28.5,
    notEligible: 2,
    reasons: { vbsNotRunning: 2, licence: 1 },
  });
});

it("counts a device in no quality update policy under the tenant's default", () => {
  const rows = report([{ build: HOTPATCHED }, { build: OLD, policy: null }]);
  expect(rows.map((row) => [row.policy, row.devices, row.upToDate, row.notUpToDate])).toEqual([
    ["Sales - Ring1", 1, 1, 0],
    ["Tenant default", 1, 0, 1],
  ]);
});

it("shows a policy without devices, with no percentage", () => {
  expect(report([])[0]).toMatchObject({ devices: 0, percentWithLatest: null });
});
