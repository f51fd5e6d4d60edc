import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../../shared/calendar/days.js";
import type { TenantPolicies } from "../../../../../shared/graph/policies/tenant-policies.js";
import { type FoundPolicy, PolicyKind, type Values } from "../../../../../shared/graph/policies/types.js";
import { affectedBy, type RingMember } from "../../../../../shared/policies/conflicts/affected.js";
import { searched } from "../../../../../shared/policies/conflicts/conflict.js";
import { conflictsCsv } from "../../../../../shared/policies/conflicts/csv.js";
import { type Difference, differences } from "../../../../../shared/policies/conflicts/differing.js";
import type { ExpectedPolicy } from "../../../../../shared/policies/expectation.js";

const NOW = Date.parse("2024-06-30T00:00:00Z");

function expected(kind: PolicyKind, values: Values, more: Partial<ExpectedPolicy> = {}): ExpectedPolicy {
  const policy = {
    kind,
    tag: "0123456789ab",
    name: "Ringmaster Contoso - Ring1 update ring [0123456789ab]",
    description: "",
    values,
    entraGroupId: "ring1",
    scopeTagIds: ["0"],
  };
  return { policy, groupId: "contoso", ring: "Ring1", groupName: "Contoso - Ring1", ...more };
}

function other(values: Values, more: Partial<FoundPolicy> = {}): FoundPolicy {
  return {
    id: "other",
    displayName: "Old ring",
    description: null,
    createdDateTime: null,
    values,
    included: ["pilots"],
    excluded: [],
    everyone: false,
    ...more,
  };
}

function tenant(found: Partial<Record<PolicyKind, readonly FoundPolicy[]>>): TenantPolicies {
  return {
    found: (kind) => found[kind] ?? [],
    areaOf: () => {
      throw new Error("nothing is written");
    },
  };
}

const settingsOf = (found: readonly Difference[]) => found.map(({ settings }) => settings);

describe("policies of others", () => {
  const ring = expected(PolicyKind.updateRing, { qualityUpdatesDeferralPeriodInDays: 1, userPauseAccess: "disabled" });

  it("differ in the settings that both have, with another value", () => {
    const theirs = other({ qualityUpdatesDeferralPeriodInDays: 9, userPauseAccess: "disabled", driversExcluded: true });
    expect(settingsOf(differences([ring], tenant({ updateRing: [theirs] })))).toEqual([
      ["qualityUpdatesDeferralPeriodInDays"],
    ]);
  });

  it("that leave a setting open are in nobody's way", () => {
    const theirs = other({ qualityUpdatesDeferralPeriodInDays: null, userPauseAccess: "notConfigured" });
    expect(differences([ring], tenant({ updateRing: [theirs] }))).toEqual([]);
  });

  it("that are assigned to nobody are in nobody's way", () => {
    const theirs = other({ qualityUpdatesDeferralPeriodInDays: 9 }, { included: [] });
    expect(differences([ring], tenant({ updateRing: [theirs] }))).toEqual([]);
  });

  it("are none that the service made", () => {
    const ours = other({ qualityUpdatesDeferralPeriodInDays: 9 }, { description: "Kept by Ringmaster [0123456789ab]" });
    expect(differences([ring], tenant({ updateRing: [ours] }))).toEqual([]);
  });

  it("differ from an update ring by the settings catalogue as well", () => {
    const id = "device_vendor_msft_policy_config_Update_DeferQualityUpdatesPeriodInDays";
    const theirs = other({ [id]: 9 });
    expect(settingsOf(differences([ring], tenant({ edge: [theirs] })))).toEqual([
      ["qualityUpdatesDeferralPeriodInDays"],
    ]);
  });

  it("differ in the feature version and in settings of the catalogue, but not in how many those are", () => {
    const feature = expected(PolicyKind.featureUpdate, { featureUpdateVersion: "Windows 11, version 23H2" });
    const edge = expected(PolicyKind.edge, { edgeTargetChannel: "stable", settingCount: 1 });
    const found = differences(
      [feature, edge],
      tenant({
        featureUpdate: [other({ featureUpdateVersion: "Windows 11, version 22H2" })],
        edge: [other({ edgeTargetChannel: "dev", settingCount: 2 })],
      }),
    );
    expect(settingsOf(found)).toEqual([["featureUpdateVersion"], ["edgeTargetChannel"]]);
  });
});

describe("affected devices", () => {
  const ring = expected(PolicyKind.updateRing, { qualityUpdatesDeferralPeriodInDays: 1 });
  const difference = (more: Partial<FoundPolicy> = {}): Difference => ({
    expected: ring,
    other: other({}, more),
    settings: ["qualityUpdatesDeferralPeriodInDays"],
  });
  const member = (nth: number, more: Partial<RingMember> = {}): RingMember => ({
    deviceId: `d${nth}`,
    objectId: `o${nth}`,
    name: `PC-${nth}`,
    groupId: "contoso",
    ring: "Ring1",
    lastSyncAt: "2024-06-29T00:00:00Z",
    ...more,
  });
  const groups = new Map([
    ["pilots", { name: "Pilots", members: new Set(["o1", "o2", "o3"]) }],
    ["bosses", { name: "Bosses", members: new Set(["o2"]) }],
  ]);
  const devicesOf = (found: Difference, members: readonly RingMember[]) =>
    affectedBy([found], members, groups, NOW).devices.map(({ deviceId }) => deviceId);

  it("are those of the ring in a group that the other policy names, less those excluded", () => {
    const members = [member(1), member(2), member(4), member(3, { ring: "Ring2" })];
    expect(devicesOf(difference({ excluded: ["bosses"] }), members)).toEqual(["d1"]);
  });

  it("are all of the ring when the other policy is for all devices", () => {
    expect(devicesOf(difference({ included: [], everyone: true }), [member(1), member(9)])).toEqual(["d1", "d9"]);
  });

  it("are those of every ring when the expected policy is for all devices", () => {
    const wide = { ...difference(), expected: { ...ring, groupId: null, ring: null } };
    expect(devicesOf(wide, [member(1), member(3, { ring: "Ring2" })])).toEqual(["d1", "d3"]);
  });

  it("synced in the last 28 days", () => {
    const at = (ms: number) => new Date(NOW - ms).toISOString();
    const members = [
      member(1, { lastSyncAt: at(28 * DAY_MS) }),
      member(2, { lastSyncAt: at(28 * DAY_MS + 1) }),
      member(3, { lastSyncAt: null }),
    ];
    expect(devicesOf(difference(), members)).toEqual(["d1"]);
  });

  it("make a row with the columns of the view; a difference that reaches nobody makes none", () => {
    const { conflicts } = affectedBy(
      [difference(), difference({ id: "idle", included: ["bosses"] })],
      [member(1)],
      groups,
      NOW,
    );
    expect(conflicts).toEqual([
      {
        id: expect.any(String),
        expectedPolicy: ring.policy.name,
        expectedGroup: "Contoso - Ring1",
        conflictingPolicy: "Old ring",
        conflictingGroup: "Pilots",
        affectedDevices: 1,
        conflictingSettings: ["qualityUpdatesDeferralPeriodInDays"],
        groupId: "contoso",
      },
    ]);
  });

  it("are exported with one line per device and conflict, and the count of conflicting policies", () => {
    const both = [difference(), difference({ id: "second", displayName: 'The "new", ring' })];
    const lines = conflictsCsv(affectedBy(both, [member(1)], groups, NOW)).split("\r\n");
    expect(lines).toEqual([
      "Device name,Deployment ring,Conflicting policies count,Last check-in,Expected policy name,Expected policy group,Conflicting policy group,Conflicting policy name",
      `PC-1,Ring1,2,2024-06-29T00:00:00Z,${ring.policy.name},Contoso - Ring1,Pilots,Old ring`,
      `PC-1,Ring1,2,2024-06-29T00:00:00Z,${ring.policy.name},Contoso - Ring1,Pilots,"The ""new"", ring"`,
      "",
    ]);
  });

  it("and conflicts are searched by the name of the expected or the conflicting policy", () => {
    const both = [difference(), difference({ id: "second", displayName: "Kiosks", included: ["bosses"] })];
    const all = affectedBy(both, [member(1), member(2)], groups, NOW);
    const names = (text: string) => searched(all, text).devices.map(({ name }) => name);
    expect([names("kiosk"), names("RING1"), names("nothing")]).toEqual([["PC-2"], ["PC-1", "PC-2"], []]);
  });
});
