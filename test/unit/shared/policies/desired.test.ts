import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_NAME } from "../../../../shared/graph/names.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { type AutopatchGroupInput, groupSchema } from "../../../../shared/groups/group.js";
import { settingsOf } from "../../../../shared/groups/ring.js";
import { type StoredGroup, storedGroupSchema } from "../../../../shared/groups/store.js";
import { desiredPolicies, type RunningSettings } from "../../../../shared/policies/desired.js";
import { tenantPolicies } from "../../../../shared/policies/kinds/tenant-wide.js";

const RINGS = ["Test", "Ring1", "Ring2", "Ring3", "Last"];

function stored(definition: Partial<AutopatchGroupInput> = {}, id = "contoso"): StoredGroup {
  const whole = groupSchema.parse({ ...defaultGroup("Contoso"), ...definition });
  const bindings = Object.fromEntries(whole.rings.map(({ name }) => [name, { entraGroupId: `entra-${name}` }]));
  return storedGroupSchema.parse({ id, definition: whole, bindings });
}

/** A value of the policies of one kind, by ring. */
function byRing(kind: string, setting: string, group: StoredGroup, running: RunningSettings = {}) {
  const found = desiredPolicies(group, running).filter(({ policy }) => policy.kind === kind);
  return Object.fromEntries(found.map(({ ring, policy }) => [ring, policy.values[setting]]));
}

const kindsOf = (group: StoredGroup) => [...new Set(desiredPolicies(group).map(({ policy }) => policy.kind))];

describe("the policies that a group should have", () => {
  it("are update ring, quality and drivers unless more is asked for", () => {
    expect(kindsOf(stored())).toEqual(["updateRing", "quality", "driverUpdate"]);
  });

  it("follow the update types that are on, a feature policy only with a version to reach", () => {
    const targetFeatureVersion = "Windows 11, version 24H2";
    const none = { quality: false, feature: false, driver: false };
    expect(kindsOf(stored({ updateTypes: none, deploymentSettings: { targetFeatureVersion } }))).toEqual([
      "updateRing",
    ]);
    expect(kindsOf(stored({ updateTypes: { ...none, feature: true } }))).toEqual(["updateRing"]);
    expect(kindsOf(stored({ updateTypes: { ...none, edge: true, microsoft365Apps: true } }))).toEqual([
      "updateRing",
      "microsoft365Apps",
      "edge",
    ]);
    const version = stored({ updateTypes: none, deploymentSettings: { targetFeatureVersion } });
    expect(byRing("featureUpdate", "featureUpdateVersion", version)).toEqual({});
    const wanted = stored({ deploymentSettings: { targetFeatureVersion } });
    expect(byRing("featureUpdate", "featureUpdateVersion", wanted).Ring2).toBe(targetFeatureVersion);
  });

  it("delay Microsoft 365 Apps by 0, 0, 3, 7 and 7 days with a deadline of 7 on the monthly enterprise channel", () => {
    const group = stored({ updateTypes: { microsoft365Apps: true } });
    const values = (setting: string) => Object.values(byRing("microsoft365Apps", setting, group));
    expect(values("officeUpdateDeferralDays")).toEqual([0, 0, 3, 7, 7]);
    expect(values("officeUpdateDeadlineDays")).toEqual([7, 7, 7, 7, 7]);
    expect(new Set(values("officeUpdateChannel"))).toEqual(new Set(["monthlyEnterprise"]));
  });

  it("keep Edge on Beta in the Test ring and on the group's channel elsewhere", () => {
    const group = stored({ updateTypes: { edge: true }, deploymentSettings: { edgeChannel: "extended" } });
    expect(Object.values(byRing("edge", "edgeTargetChannel", group))).toEqual(["beta", ...Array(4).fill("extended")]);
  });

  it("defer drivers as the ring defers quality updates, and not at all with manual approval", () => {
    const deferral = (group: StoredGroup, running?: RunningSettings) =>
      Object.values(byRing("driverUpdate", "deploymentDeferralInDays", group, running));
    expect(deferral(stored())).toEqual([0, 1, 5, 9, 10]);
    expect(deferral(stored({ deploymentSettings: { driverApproval: "manual" } }))).toEqual(Array(5).fill(undefined));
  });

  it("approve drivers as the ring says, else as the group does", () => {
    const { rings } = defaultGroup("Contoso");
    const own = rings.map((ring) => (ring.name === "Ring2" ? { ...ring, driverApproval: "manual" as const } : ring));
    const approvals = byRing("driverUpdate", "approvalType", stored({ rings: own }));
    expect(RINGS.filter((ring) => approvals[ring] === "manual")).toEqual(["Ring2"]);
  });

  it("keep the settings of a release that runs in a ring", () => {
    const group = stored();
    const [, ring1] = group.definition.rings;
    if (ring1 === undefined) throw new Error("The group has no second ring.");
    const running = { Ring1: { ...settingsOf(ring1), qualityDeferralDays: 4 } };
    const deferrals = byRing("updateRing", "qualityUpdatesDeferralPeriodInDays", group, running);
    expect(deferrals).toEqual({ Test: 0, Ring1: 4, Ring2: 5, Ring3: 9, Last: 10 });
  });

  it("are none in a ring that has no directory group yet, and carry the group's scope tags", () => {
    const { bindings, ...rest } = stored({ scopeTagIds: ["7"] });
    const { Ring2: _without, ...others } = bindings;
    const found = desiredPolicies({ ...rest, bindings: others });
    expect([...new Set(found.map(({ ring }) => ring))]).toEqual(RINGS.filter((ring) => ring !== "Ring2"));
    expect(new Set(found.map(({ policy }) => policy.scopeTagIds.join()))).toEqual(new Set(["7"]));
  });

  it("have tags of their own, and names of at most 200 characters that end in them, whatever group and rings are called", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 64 }), fc.stringMatching(/^[a-z0-9]{1,40}$/), (name, id) => {
        fc.pre(name.trim() !== "");
        const everything = { microsoft365Apps: true, edge: true };
        const found = desiredPolicies(stored({ name, updateTypes: everything }, id)).map(({ policy }) => policy);
        const all = [...found, ...tenantPolicies("all")];
        expect(new Set(all.map(({ tag }) => tag)).size).toBe(all.length);
        for (const policy of all) {
          expect(policy.name.length).toBeLessThanOrEqual(MAX_NAME);
          expect(policy.name.endsWith(`[${policy.tag}]`)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("keep their tags when the group is renamed or its directory groups are made anew", () => {
    const tags = (group: StoredGroup) => desiredPolicies(group).map(({ policy }) => policy.tag);
    const renamed = stored({ name: "Fabrikam" });
    const bindings = Object.fromEntries(RINGS.map((ring) => [ring, { entraGroupId: `new-${ring}` }]));
    expect(tags({ ...renamed, bindings })).toEqual(tags(stored()));
  });
});

describe("the policies of all devices", () => {
  it("send full diagnostic data within limits, and have devices scan every four hours", () => {
    const [data, scans] = tenantPolicies("all-devices");
    expect(data).toMatchObject({
      name: expect.stringMatching(/^Ringmaster - Data Collection \[/),
      entraGroupId: "all-devices",
      values: {
        allowTelemetry: "full",
        limitEnhancedDiagnosticData: true,
        limitDumpCollection: true,
        limitDiagnosticLogCollection: true,
      },
    });
    expect(scans).toMatchObject({
      name: expect.stringMatching(/^Ringmaster - Windows Update Detection Frequency \[/),
      values: { detectionFrequencyHours: 4 },
    });
  });
});
