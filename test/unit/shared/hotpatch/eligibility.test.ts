import { describe, expect, it } from "vitest";
import { overridesOf } from "../../../../shared/hotpatch/calendar.js";
import { cycleAt, standingOf } from "../../../../shared/hotpatch/cycle.js";
import { type HotpatchFacts, hotpatchDevice, hotpatchEligibility } from "../../../../shared/hotpatch/eligibility.js";
import { hotpatchLicences } from "../../../../shared/hotpatch/licences.js";
import { deliveryOf } from "../../../../shared/hotpatch/receives.js";
import { parseBuild, type WindowsBuild } from "../../../../shared/updates/build.js";
import { managed } from "../registration/records.js";
import { SPRING_2026, update } from "./updates.js";

const MAY = Date.parse("2026-05-20T00:00:00Z");
const cycle = cycleAt(MAY, overridesOf([]), SPRING_2026);
const build = (text: string) => parseBuild(text) as WindowsBuild;

type Given = Partial<HotpatchFacts> & { readonly intune?: Parameters<typeof managed>[0] };

function judged({ intune = {}, ...given }: Given, at = cycle) {
  const facts = {
    managed: managed({ osVersion: "10.0.26100.8240", ...intune }),
    told: {},
    vbs: "running",
    licensed: true,
  };
  return hotpatchEligibility(hotpatchDevice({ ...facts, ...given }, at));
}
const codes = (given: Given) => judged(given).reasons.map(({ code }) => code);

describe("the cycle of a hotpatch month", () => {
  it("is that of the latest baseline, with the hotpatches published since", () => {
    expect(cycle).toMatchObject({ month: "2026-05", kind: "hotpatch", baselineMonth: "2026-04" });
    expect([cycle.baselines.get(26100), [...(cycle.hotpatches.get(26200) ?? [])]]).toEqual([8240, [8390]]);
    expect(cycle.latest.get(26100)?.shortName).toBe("2026.05 B");
  });

  it.each([
    ["26100.8240", "on", "the baseline"],
    ["26100.8390", "on", "its hotpatch"],
    ["26100.8239", "behind", "an older build"],
    ["26100.8300", "left", "a preview"],
    ["26100.8457", "left", "the cumulative update of the month"],
    ["22631.5000", "unknown", "a version without baseline"],
  ])("a device with %s stands %s: it has %s", (text, standing) => {
    expect(standingOf(build(text), cycle)).toBe(standing);
  });

  it("begins anew with an unplanned baseline", () => {
    const may = cycleAt(MAY, overridesOf([{ month: "2026-05" }]), SPRING_2026);
    expect(may).toMatchObject({ kind: "baseline", baselineMonth: "2026-05" });
    expect([standingOf(build("26100.8390"), may), standingOf(build("26100.8457"), may)]).toEqual(["behind", "on"]);
  });

  it("knows a hotpatch out of band, from its publication on", () => {
    const updates = [...SPRING_2026, update("2026.05 OOB", "2026-05-16", "h8399")];
    const before = cycleAt(Date.parse("2026-05-15T00:00:00Z"), overridesOf([]), updates);
    expect(standingOf(build("26100.8399"), before)).toBe("left");
    expect(standingOf(build("26100.8399"), cycleAt(MAY, overridesOf([]), updates))).toBe("on");
  });
});

describe("hotpatch eligibility", () => {
  it("is that of a device that keeps every rule", () => {
    expect(judged({})).toEqual({ label: "Healthy", reasons: [] });
    expect(judged({ intune: { processorArchitecture: "arM64" }, told: { hotPatchRestrictions: "1" } }).label).toBe(
      "Healthy",
    );
  });

  it.each<[string, Given, string[]]>([
    ["another edition", { intune: { skuFamily: "Pro" } }, ["edition"]],
    ["Windows 11 23H2", { intune: { osVersion: "10.0.22631.5000" } }, ["windowsVersion"]],
    ["a processor of 32 bits", { intune: { processorArchitecture: "x86" } }, ["architecture"]],
    ["Arm64 with CHPE", { intune: { processorArchitecture: "arm64" } }, ["chpe"]],
    [
      "Arm64 with CHPE told",
      { intune: { processorArchitecture: "arm64" }, told: { hotPatchRestrictions: "0" } },
      ["chpe"],
    ],
    ["VBS that is off", { vbs: "notConfigured" }, ["vbsNotRunning"]],
    ["VBS that awaits a restart", { vbs: "rebootRequired" }, ["vbsNotRunning"]],
    ["VBS of which nothing is known", { vbs: null }, ["vbsUnknown"]],
    ["no licence", { licensed: false }, ["licence"]],
    ["no baseline", { intune: { osVersion: "10.0.26100.8000" } }, ["baselineMissing"]],
    ["a preview", { intune: { osVersion: "10.0.26100.8300" } }, ["outsideCycle"]],
    ["a version without baseline", { intune: { osVersion: "10.0.28000.1" } }, ["baselineUnknown"]],
    ["several faults", { vbs: "notConfigured", licensed: false }, ["vbsNotRunning", "licence"]],
    ["no record in Intune", { managed: null, vbs: null }, ["edition", "windowsVersion", "architecture"]],
  ])("is refused with the reason to a device with %s", (_what, given, expected) => {
    expect(codes(given)).toEqual(expected);
    expect(judged(given).label).toBe("Unhealthy");
  });

  it.each([
    ["SPE_E3", true],
    ["SPE_E5_EEA", true],
    ["SPB", true],
    ["CPC_E_2C_4GB_128GB", true],
    ["M365EDU_A3_FACULTY", true],
    ["WIN10_VDA_E5", true],
    ["SPE_F1", true],
    ["CPC_B_2C_4GB_128GB", false],
    ["ENTERPRISEPREMIUM", false],
    ["EMS_E3", false],
    ["O365_BUSINESS_PREMIUM", false],
  ])("counts a licence %s: %s", (partNumber, counts) => {
    expect(hotpatchLicences([{ skuId: "unlisted", partNumber, plans: [] }])).toEqual(counts ? [partNumber] : []);
  });
});

describe("in a hotpatch month", () => {
  const gets = (given: Given, allowed = true) => {
    const { receives, restart } = deliveryOf(judged(given), allowed, cycle);
    return [receives, restart];
  };

  it.each<[string, Given, boolean, [string, boolean]]>([
    ["a hotpatch without restart, where it is eligible", {}, true, ["hotpatch", false]],
    ["the cumulative update, where VBS is off", { vbs: "notConfigured" }, true, ["cumulativeUpdate", true]],
    ["the cumulative update, where its policy says so", {}, false, ["cumulativeUpdate", true]],
    [
      "the baseline first, where that is missing",
      { intune: { osVersion: "10.0.26100.8000" } },
      true,
      ["baselineFirst", true],
    ],
    [
      "the cumulative update, where the baseline is missing and VBS is off",
      { intune: { osVersion: "10.0.26100.8000" }, vbs: "notConfigured" },
      true,
      ["cumulativeUpdate", true],
    ],
    [
      "the cumulative update after a preview",
      { intune: { osVersion: "10.0.26100.8300" } },
      true,
      ["cumulativeUpdate", true],
    ],
    [
      "the cumulative update after a feature update",
      { intune: { osVersion: "10.0.26200.8457" } },
      true,
      ["cumulativeUpdate", true],
    ],
  ])("a device gets %s", (_what, given, allowed, expected) => {
    expect(gets(given, allowed)).toEqual(expected);
  });

  it("and in a baseline month everybody restarts", () => {
    const april = cycleAt(Date.parse("2026-04-20T00:00:00Z"), overridesOf([]), SPRING_2026);
    const old = { intune: { osVersion: "10.0.26100.8000" } };
    expect(deliveryOf(judged(old, april), true, april)).toMatchObject({ receives: "baseline", restart: true });
    expect(deliveryOf(judged({ vbs: "notConfigured" }, april), true, april).receives).toBe("cumulativeUpdate");
  });
});
