import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { type AutopatchGroup, Preset } from "../../../../shared/groups/group.js";
import { presetRings, withPresetValues } from "../../../../shared/groups/presets.js";
import { settingsOf } from "../../../../shared/groups/ring.js";
import { addRing, removeRing, resetToPreset } from "../../../../shared/groups/ring-edits.js";
import { monthSchedule } from "../../../../shared/groups/schedule.js";
import { serviceRings } from "../../../../shared/groups/service-rings.js";

const guid = (n: number) => `6f000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const plain = defaultGroup("Contoso");
const group: AutopatchGroup = {
  ...plain,
  rings: plain.rings.map((ring, index) => {
    const dynamicPercent = [10, 25, 65][index - 1];
    return {
      ...ring,
      distribution: dynamicPercent === undefined ? { assignedGroupId: guid(index) } : { dynamicPercent },
    };
  }),
};
const percents = ({ rings }: AutopatchGroup) =>
  Object.fromEntries(rings.map(({ name, distribution }) => [name, distribution.dynamicPercent]));

describe("presets", () => {
  it("Information worker has the default rings", () => {
    expect(presetRings("informationWorker", 5)).toEqual(plain.rings.map(settingsOf));
  });

  it("Reboot-sensitive devices have no deadlines", () => {
    expect(presetRings("rebootSensitive", 5).map(({ cadence }) => cadence.type)).toEqual(
      Array(5).fill("scheduledInstall"),
    );
  });

  it("space the rings of any group: later ones never earlier, deadlines within 1 to 20 days", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 15 }), fc.constantFrom(...Object.values(Preset)), (count, preset) => {
        const rings = presetRings(preset, count);
        expect(rings).toHaveLength(count);
        const deferrals = rings.map(({ qualityDeferralDays }) => qualityDeferralDays);
        expect(deferrals).toEqual([...deferrals].sort((a, b) => a - b));
        for (const ring of rings.slice(1)) {
          expect(ring.qualityDeadlineDays).toBeGreaterThanOrEqual(2);
          expect(ring.qualityDeferralDays + ring.qualityDeadlineDays).toBeLessThanOrEqual(20);
        }
      }),
    );
  });

  it("fill in what is left out and nothing else", () => {
    const rings = [{ name: "Test" }, { name: "Ring1", gracePeriodDays: 7 }, { name: "Last" }];
    const filled = withPresetValues({ name: "Kiosks", preset: "kiosksAndBillboards", rings }) as typeof group;
    expect(filled.rings.map(({ gracePeriodDays }) => gracePeriodDays)).toEqual([0, 7, 0]);
    expect(filled.rings.map(({ notifications }) => notifications)).toEqual(Array(3).fill("disableAllNotifications"));
    expect(withPresetValues("no group")).toBe("no group");
  });

  it("come back in the rings named, without touching names and devices", () => {
    const edited = { ...group, rings: group.rings.map((ring) => ({ ...ring, qualityDeferralDays: 30 })) };
    const deferrals = resetToPreset(edited, ["Ring1", "Last"]).rings.map(
      ({ qualityDeferralDays }) => qualityDeferralDays,
    );
    expect(deferrals).toEqual([30, 1, 30, 30, 10]);
    expect(resetToPreset(edited)).toEqual(group);
    expect(() => resetToPreset(edited, ["Ring9"])).toThrow(/rings is refused/);
  });
});

describe("a ring that is added", () => {
  it("goes before Last unless told otherwise, with days between those of its neighbours", () => {
    const added = addRing(group, { name: "Ring4", distribution: { assignedGroupId: guid(9) } });
    expect(added.rings.map(({ name }) => name)).toEqual(["Test", "Ring1", "Ring2", "Ring3", "Ring4", "Last"]);
    expect(added.rings[4]).toMatchObject({ qualityDeferralDays: 10, qualityDeadlineDays: 4, gracePeriodDays: 2 });
    expect(added.rings.toSpliced(4, 1)).toEqual(group.rings);
  });

  it("takes its share from the other dynamic rings in proportion", () => {
    const added = addRing(group, { name: "Pilots", after: "Test", distribution: { dynamicPercent: 20 } });
    expect(percents(added)).toEqual({ Test: undefined, Pilots: 20, Ring1: 8, Ring2: 20, Ring3: 52, Last: undefined });
  });

  it("goes neither behind Last nor behind a ring that is not there", () => {
    expect(() => addRing(group, { name: "Ring4", after: "Last", distribution: {} })).toThrow(/after is refused/);
    expect(() => addRing(group, { name: "Ring4", after: "Ring9", distribution: {} })).toThrow(/after is refused/);
  });
});

describe("a ring that is removed", () => {
  it("leaves its share to the other dynamic rings", () => {
    expect(percents(removeRing(group, "Ring3"))).toEqual({ Test: undefined, Ring1: 29, Ring2: 71, Last: undefined });
  });

  it("is neither Test nor Last nor unknown", () => {
    for (const name of ["Test", "Last", "Ring9"]) expect(() => removeRing(group, name)).toThrow(/ring is refused/);
  });
});

describe("the schedule of a month", () => {
  it("shows a deadline on a Sunday on the Monday, and no restart before it", () => {
    // The second Tuesday of November 2026 is the 10th, 18:00 UTC.
    const rings = group.rings.map((ring) =>
      ring.name === "Ring1" ? { ...ring, qualityDeferralDays: 3, gracePeriodDays: 0 } : ring,
    );
    const ring1 = monthSchedule({ ...group, rings }, 2026, 11)[1];
    const days = [ring1?.availableAt, ring1?.deadlineAt, ring1?.shownDeadlineAt, ring1?.forcedRestartBy].map((at) =>
      new Date(at ?? 0).toISOString().slice(0, 10),
    );
    expect(days).toEqual(["2026-11-13", "2026-11-15", "2026-11-16", "2026-11-16"]);
  });

  it("has no deadline where installs are scheduled", () => {
    const [values] = presetRings("rebootSensitive", 2);
    const rings = group.rings.map((ring) => ({ ...ring, ...values }));
    const [first] = monthSchedule({ ...group, rings }, 2026, 11);
    expect([first?.deadlineAt, first?.shownDeadlineAt, first?.forcedRestartBy]).toEqual([null, null, null]);
  });
});

it("service rings follow the number of a ring, or its place where it has a name of its own", () => {
  const named = (...names: string[]) =>
    ({ rings: names.map((name) => ({ ...plain.rings[0], name })) }) as AutopatchGroup;
  expect(Object.values(serviceRings(named("Test", "Ring1", "Ring2", "Ring3", "Ring4", "Last")))).toEqual([
    "Test",
    "First",
    "Fast",
    "Broad",
    "Broad",
    "Broad",
  ]);
  expect(Object.values(serviceRings(named("Test", "Pilots", "Early", "Everybody", "Last")))).toEqual([
    "Test",
    "First",
    "Fast",
    "Broad",
    "Broad",
  ]);
  expect(serviceRings(named("Test", "Ring3", "Last"))).toEqual({ Test: "Test", Ring3: "Broad", Last: "Broad" });
});
