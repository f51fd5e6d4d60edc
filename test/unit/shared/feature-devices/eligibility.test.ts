import { describe, expect, it } from "vitest";
import { featureEligibility, reachable } from "../../../../shared/feature-devices/eligibility.js";
import { cohortAttributes } from "../../../../shared/readiness/cohort-attributes.js";
import { hardwareOf } from "../../../../shared/readiness/hardware.js";
import { managed, record } from "../registration/records.js";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const FINE = { tpm: "2.0", secureBoot: "on", processorSupported: "yes", memoryGb: "16", diskGb: "256" };
const WINDOWS_10 = "10.0.19044.5000";

function judged({
  target = "Windows 11, version 24H2",
  told = FINE as Record<string, string>,
  intune = {},
  ...rest
} = {}) {
  const device = record({ managed: managed({ osVersion: WINDOWS_10, ...intune }), ...rest });
  return featureEligibility({ record: device, hardware: hardwareOf(told), target, now: NOW });
}
const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code);

describe("who takes a feature update", () => {
  it("is a device whose hardware has what Windows 11 asks for", () => {
    expect(judged()).toMatchObject({ label: "Healthy", reasons: [], unknown: [], isShortOfHardware: false });
  });

  it.each([
    ["a TPM 1.2", { tpm: "1.2" }, "tpm"],
    ["no TPM", { tpm: "none" }, "tpm"],
    ["Secure Boot off", { secureBoot: "off" }, "secureBoot"],
    ["an old processor", { processorSupported: "no" }, "processor"],
    ["3 GB of memory", { memoryGb: "3" }, "memory"],
    ["a disk of 63 GB", { diskGb: "63" }, "disk"],
  ])("is no device on Windows 10 with %s, which is said with what to do", (_what, fact, code) => {
    const { label, reasons, isShortOfHardware } = judged({ told: { ...FINE, ...fact } });
    expect([label, codes(reasons), isShortOfHardware]).toEqual(["Unhealthy", [code], true]);
    expect(reasons[0]?.text).toMatch(/\. (Turn|Replace|Add)/);
  });

  it("is one with exactly 4 GB of memory and a disk of 64 GB", () => {
    expect(judged({ told: { ...FINE, memoryGb: "4", diskGb: "64" } }).label).toBe("Healthy");
  });

  it("is unknown, and does not fail, where nobody has told its hardware", () => {
    const { label, reasons, unknown } = judged({ told: {} });
    expect([label, reasons, codes(unknown)]).toEqual([
      "Healthy",
      [],
      ["tpm", "secureBoot", "processor", "memory", "disk"],
    ]);
    expect(codes(judged({ told: { ...FINE, memoryGb: "plenty" } }).unknown)).toEqual(["memory"]);
  });

  it("asks for hardware only on the way from Windows 10 to Windows 11", () => {
    const poor = { ...FINE, tpm: "none" };
    expect(judged({ told: poor, target: "Windows 10, version 22H2" }).label).toBe("Healthy");
    expect(judged({ told: poor, intune: { osVersion: "10.0.22631.3593" } }).label).toBe("Healthy");
    expect(judged({ told: {}, intune: { osVersion: "10.0.22631.3593" } }).unknown).toEqual([]);
  });

  it.each([
    ["Intune does not manage", { managed: null }, "managed"],
    ["fails the check of its check-ins", { reason: { check: "Last Intune check-in", message: "" } }, "checkIn"],
    ["was seen last 36 days ago", { intune: { lastSyncAt: "2026-10-15T12:00:00Z" } }, "checkIn"],
    ["has another edition", { intune: { skuFamily: "Home" } }, "edition"],
    ["has 32-bit Windows", { intune: { processorArchitecture: "x86" } }, "architecture"],
  ])("is no device that %s", (_what, patch, code) => {
    expect(codes(judged(patch as Parameters<typeof judged>[0]).reasons)).toEqual([code]);
  });

  it("still is one that was seen within 28 days and the week that the register may lag behind", () => {
    expect(judged({ intune: { lastSyncAt: "2026-10-16T12:00:00Z" } }).label).toBe("Healthy");
  });
});

describe("what a device can be brought to", () => {
  const to = (build: number | null, isShortOfHardware: boolean, offersWindows10 = true) =>
    reachable("Windows 11, version 24H2", { isShortOfHardware }, build, offersWindows10);

  it("is the target, or for one that Windows 11 does not take Windows 10, version 22H2 where the policy says so", () => {
    expect(to(19_044, false)).toEqual({ version: "Windows 11, version 24H2", isFallback: false });
    expect(to(19_044, true)).toEqual({ version: "Windows 10, version 22H2", isFallback: true });
    expect(to(19_044, true, false)).toEqual({ version: null, isFallback: false });
  });

  it("is nothing where it has that already: it stays on its version", () => {
    expect(to(19_045, true)).toEqual({ version: null, isFallback: false });
  });
});

it("facts that eligibility judges are no hypotheses of cohorts", () => {
  const told = { ...FINE, hotPatchRestrictions: "1", gatedBlockIds: "58123456", gpuDriver: "31.0.1" };
  expect(cohortAttributes(told)).toEqual({ gpuDriver: "31.0.1" });
  expect(cohortAttributes(undefined)).toEqual({});
});
