import { describe, expect, it } from "vitest";
import { READINESS_CHECKS, ReadinessCheck } from "../../../../shared/readiness/checks.js";
import { type AgentReport, readinessOf, withReadiness } from "../../../../shared/readiness/judge.js";
import type { DeviceRecord } from "../../../../shared/registration/device.js";
import { managed as intuneFacts, record } from "../registration/records.js";

const NOW = Date.parse("2024-06-10T12:00:00Z");
const passing = READINESS_CHECKS.map((check) => ({ check, passed: true }));
const report = (at: string, given: Partial<AgentReport> = {}): AgentReport => ({ at, checks: passing, ...given });
const failing = (failed: string, reason?: string) =>
  passing.map((result) =>
    result.check === failed ? { ...result, passed: false, ...(reason === undefined ? {} : { reason }) } : result,
  );

/** The device after it was judged by a report. */
const judgedAs = (device: DeviceRecord, given: AgentReport | null, now = NOW) =>
  withReadiness(device, readinessOf(device, given, now));

/** A registered device of which Intune says this. */
const managed = (facts: Partial<NonNullable<DeviceRecord["managed"]>>) => record({ managed: intuneFacts(facts) });

describe("a device whose agent reports", () => {
  it("is Ready when all eight checks pass", () => {
    const { checks, ready } = readinessOf(record({}), report("2024-06-10T08:00:00Z"), NOW);
    expect(checks).toHaveLength(8);
    expect(ready).toBe(true);
  });

  it.each(READINESS_CHECKS)("is Not ready for that reason when %s fails, and keeps its ring", (check) => {
    const device = record({ ring: "Ring2" });
    const judged = judgedAs(device, report("2024-06-10T08:00:00Z", { checks: failing(check, "Look here.") }));
    expect(judged).toMatchObject({ state: "Not ready", reason: { check, message: "Look here." }, ring: "Ring2" });
  });

  it("is told what the check demands when the agent gives no reason", () => {
    const checks = failing(ReadinessCheck.internet);
    const judged = judgedAs(record({}), report("2024-06-10T08:00:00Z", { checks }));
    expect(judged.reason?.message).toContain("3 Microsoft addresses");
  });

  it("is Ready again, without a reason, when the next report is fine", () => {
    const bad = judgedAs(record({}), report("2024-06-10T08:00:00Z", { checks: failing(ReadinessCheck.internet) }));
    expect(judgedAs(bad, report("2024-06-10T09:00:00Z"))).toMatchObject({ state: "Ready", reason: null });
  });

  it("is judged by the newest report, whichever comes last", () => {
    const good = judgedAs(record({}), report("2024-06-10T09:00:00Z"));
    const late = judgedAs(good, report("2024-06-10T08:00:00Z", { checks: failing(ReadinessCheck.internet) }));
    expect(late).toEqual(good);
  });

  it("compares times, not their spelling", () => {
    const good = judgedAs(record({}), report("2024-06-10T09:00:00+02:00"));
    const later = judgedAs(good, report("2024-06-10T08:00:00Z", { checks: failing(ReadinessCheck.internet) }));
    expect(later.state).toBe("Not ready");
  });

  it("keeps what its agent found when it is judged without a report", () => {
    const bad = judgedAs(record({}), report("2024-06-10T08:00:00Z", { checks: failing(ReadinessCheck.edgeEndpoints) }));
    expect(judgedAs(bad, null, NOW + 86_400_000)).toEqual(bad);
  });

  it("stays Not ready for a reason of another kind, however well its checks go", () => {
    const reason = { check: "Autopatch group conflict", message: "It is in two groups." };
    const conflicting = record({ state: "Not ready", reason });
    expect(judgedAs(conflicting, report("2024-06-10T08:00:00Z"))).toMatchObject({ state: "Not ready", reason });
  });

  it("that is not registered keeps its state, and its checks for later", () => {
    const excluded = record({ status: "Not registered", state: "Excluded" });
    const judged = judgedAs(excluded, report("2024-06-10T08:00:00Z", { checks: failing(ReadinessCheck.internet) }));
    expect(judged.state).toBe("Excluded");
    expect(judgedAs({ ...judged, status: "Registered", state: "Ready" }, null).state).toBe("Not ready");
  });
});

describe("settings that a report lists", () => {
  it("fail the MDM check when an Update policy is foreign", () => {
    const judged = judgedAs(record({}), report("2024-06-10T08:00:00Z", { updatePolicies: ["AllowUpdateService"] }));
    expect(judged.reason).toMatchObject({ check: ReadinessCheck.mdmPolicies });
    expect(judged.reason?.message).toContain("AllowUpdateService");
  });

  it("fail the group policy check when a registry value conflicts", () => {
    const judged = judgedAs(record({}), report("2024-06-10T08:00:00Z", { registry: ["WUServer"] }));
    expect(judged.reason).toMatchObject({ check: ReadinessCheck.groupPolicies });
    expect(judged.reason?.message).toContain("WUServer");
  });
});

describe("a device whose agent never reported", () => {
  it("is judged by what Intune knows: build, architecture and edition", () => {
    expect(readinessOf(managed({}), null, NOW)).toMatchObject({
      checks: [{ check: ReadinessCheck.platform, passed: true }],
      ready: true,
    });
  });

  it.each([
    ["build 17762", { osVersion: "10.0.17762.1" }, false],
    ["build 17763", { osVersion: "10.0.17763.1" }, true],
    ["a 32-bit processor", { processorArchitecture: "x86" }, false],
    ["a 32-bit Arm processor", { processorArchitecture: "arm" }, false],
    ["Arm64, as Graph spells it", { processorArchitecture: "arM64" }, true],
    ["the Home edition", { skuFamily: "Home" }, false],
    ["Pro for Workstations", { skuFamily: "Pro for Workstations" }, true],
    ["IoT Enterprise", { skuFamily: "IoTEnterprise" }, true],
    ["nothing that Intune knows", { osVersion: null, processorArchitecture: null, skuFamily: null }, true],
  ])("with %s", (_what, facts, ready) => {
    expect(readinessOf(managed(facts), null, NOW).ready).toBe(ready);
  });

  it("is not written again while nothing changes", () => {
    const judged = judgedAs(managed({}), null);
    expect(judgedAs(judged, null, NOW + 86_400_000)).toEqual(judged);
  });

  it("is judged by its first report even if that is older than the service's own judgement", () => {
    const judged = judgedAs(managed({}), null);
    const checks = failing(ReadinessCheck.internet);
    expect(judgedAs(judged, report("2024-06-09T08:00:00Z", { checks })).state).toBe("Not ready");
  });
});
