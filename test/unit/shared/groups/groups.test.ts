import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { defaultGroup, defaultRings } from "../../../../shared/groups/defaults.js";
import type { AutopatchGroup } from "../../../../shared/groups/group.js";
import { activeHoursSpan, type DeploymentRing, weeksOfMonth } from "../../../../shared/groups/ring.js";
import { validateGroup } from "../../../../shared/groups/validate.js";
import { waveCounts } from "../../../../shared/groups/waves.js";

const guid = (n: number) => `6f000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
/** The default group, its devices assigned to Test and Last and split over the rings between. */
const plain = defaultGroup("Contoso");
const group: AutopatchGroup = {
  ...plain,
  dynamicGroupIds: [guid(100)],
  rings: plain.rings.map((ring, index) => ({
    ...ring,
    distribution: [0, 4].includes(index)
      ? { assignedGroupId: guid(index) }
      : { dynamicPercent: [10, 25, 65][index - 1] },
  })),
};

function withRing(index: number, change: Partial<DeploymentRing>): AutopatchGroup {
  return { ...group, rings: group.rings.map((ring, at) => (at === index ? { ...ring, ...change } : ring)) };
}

function refusal(input: unknown): AppError {
  try {
    validateGroup(input);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("the group was accepted");
}

function ringsNamed(count: number): DeploymentRing[] {
  const [first, ring1, , , last] = defaultRings();
  if (!first || !ring1 || !last) throw new Error("no default rings");
  const middle = Array.from({ length: count - 2 }, (_, index) => ({ ...ring1, name: `Ring${index + 1}` }));
  return [first, ...middle, last].map((ring, index) => ({ ...ring, distribution: { assignedGroupId: guid(index) } }));
}

const activeHours = (startHour: number, endHour: number) => ({
  cadence: { type: "scheduledInstall" as const, install: { kind: "activeHours" as const, startHour, endHour } },
});

describe("default group", () => {
  it("has the five rings of 03/31/2025", () => {
    const values = group.rings.map((ring) => [
      ring.name,
      ring.qualityDeferralDays,
      ring.qualityDeadlineDays,
      ring.gracePeriodDays,
    ]);
    expect(values).toEqual([
      ["Test", 0, 0, 0],
      ["Ring1", 1, 2, 2],
      ["Ring2", 5, 2, 2],
      ["Ring3", 9, 5, 2],
      ["Last", 10, 3, 2],
    ]);
    expect(group.rings.every((ring) => ring.featureDeferralDays === 0 && ring.featureDeadlineDays === 5)).toBe(true);
  });

  it("passes its own validation unchanged and enforces its gate", () => {
    expect(validateGroup(group)).toEqual(group);
    expect(group.gate).toEqual({
      mode: "enforce",
      askAfterHours: 48,
      likelyIssues: true,
      alpha: 0.01,
      holdEvidence: 5,
      harmBound: null,
      offers: "measured",
    });
    expect(group.common.uninstallWindowDays).toBe(30);
  });
});

describe("ranges", () => {
  it.each([
    ["qualityDeferralDays", 0, 30],
    ["featureDeferralDays", 0, 365],
    ["qualityDeadlineDays", 2, 30],
    ["gracePeriodDays", 0, 7],
  ] as const)("%s accepts %i to %i and names field, rule and limit beyond", (field, lowest, highest) => {
    expect(() => validateGroup(withRing(1, { [field]: lowest }))).not.toThrow();
    expect(() => validateGroup(withRing(1, { [field]: highest }))).not.toThrow();
    const below = refusal(withRing(1, { [field]: lowest - 1 }));
    expect(below).toMatchObject({ code: "invalid_input", field: `rings[1].${field}` });
    expect(below.details).toMatchObject({ rule: "minimum", limit: lowest });
    const above = refusal(withRing(1, { [field]: highest + 1 }));
    expect(above).toMatchObject({ code: "invalid_input", field: `rings[1].${field}` });
    expect(above.details).toMatchObject({ rule: "maximum", limit: highest });
  });

  it("the uninstall window is 2 to 60 days", () => {
    const windowed = (uninstallWindowDays: number) => ({ ...group, common: { ...group.common, uninstallWindowDays } });
    expect(() => validateGroup(windowed(2))).not.toThrow();
    expect(() => validateGroup(windowed(60))).not.toThrow();
    expect(refusal(windowed(1)).field).toBe("common.uninstallWindowDays");
    expect(refusal(windowed(61)).details).toMatchObject({ rule: "maximum", limit: 60 });
  });

  it("a deadline of 0 stays allowed in Test, and elsewhere for values the service stores itself", () => {
    expect(() => validateGroup(withRing(0, { qualityDeadlineDays: 0 }))).not.toThrow();
    expect(refusal(withRing(0, { qualityDeadlineDays: 1 })).field).toBe("rings[0].qualityDeadlineDays");
    expect(() => validateGroup(withRing(1, { qualityDeadlineDays: 0 }), { origin: "stored" })).not.toThrow();
  });

  it("a name has 1 to 64 characters, a description at most 150", () => {
    expect(() => validateGroup({ ...group, name: "n".repeat(64), description: "d".repeat(150) })).not.toThrow();
    expect(refusal({ ...group, name: "n".repeat(65) }).details).toMatchObject({ rule: "maximum", limit: 64 });
    expect(refusal({ ...group, description: "d".repeat(151) }).field).toBe("description");
    expect(refusal({ ...group, name: " " }).field).toBe("name");
  });

  it("a setting nobody knows is refused instead of ignored", () => {
    expect(refusal({ ...group, defferal: 3 }).code).toBe("invalid_input");
  });
});

describe("rings", () => {
  it("are 2 to 15", () => {
    expect(() => validateGroup({ ...plain, rings: ringsNamed(2) })).not.toThrow();
    expect(() => validateGroup({ ...plain, rings: ringsNamed(15) })).not.toThrow();
    expect(refusal({ ...group, rings: ringsNamed(16) }).details).toMatchObject({ rule: "maximum", limit: 15 });
    expect(refusal({ ...group, rings: ringsNamed(2).slice(0, 1) }).details).toMatchObject({
      rule: "minimum",
      limit: 2,
    });
  });

  it("begin with Test and end with Last", () => {
    expect(refusal(withRing(0, { name: "Pilot" }))).toMatchObject({ code: "rule_violated", field: "rings[0].name" });
    expect(refusal(withRing(4, { name: "Broad" }))).toMatchObject({ code: "rule_violated", field: "rings[4].name" });
  });

  it("have names of their own, whatever the case", () => {
    expect(refusal(withRing(2, { name: "RING1" })).details).toMatchObject({ rule: "uniqueRingName" });
  });

  it("offer their whole size in waves", () => {
    expect(() => validateGroup(withRing(3, { waves: [0.1, 0.2, 0.7] }))).not.toThrow();
    expect(refusal(withRing(3, { waves: [0.1, 0.2, 0.6] })).field).toBe("rings[3].waves");
  });
});

describe("scheduled install", () => {
  it("accepts active hours of 18 hours and refuses 19, over midnight too", () => {
    expect(() => validateGroup(withRing(1, activeHours(5, 23)))).not.toThrow();
    expect(() => validateGroup(withRing(1, activeHours(20, 14)))).not.toThrow();
    expect(refusal(withRing(1, activeHours(4, 23))).details).toMatchObject({ rule: "activeHoursSpan", limit: 18 });
    expect(refusal(withRing(1, activeHours(20, 15))).code).toBe("rule_violated");
    expect(activeHoursSpan(8, 8)).toBe(24);
  });

  it("knows weekly, bi-weekly and monthly plans and nothing else", () => {
    const plan = (occurrence: string) => ({
      ...withRing(1, {}),
      rings: group.rings.map((ring, index) =>
        index === 1
          ? {
              ...ring,
              cadence: { type: "scheduledInstall", install: { kind: "schedule", occurrence, day: 6, hour: 3 } },
            }
          : ring,
      ),
    });
    for (const occurrence of ["weekly", "biWeekly", "monthly"])
      expect(() => validateGroup(plan(occurrence))).not.toThrow();
    expect(refusal(plan("yearly")).code).toBe("invalid_input");
  });

  it("uses all weeks, every other week or one week of the month", () => {
    expect(weeksOfMonth({ occurrence: "weekly", week: 1 })).toEqual([1, 2, 3, 4]);
    expect(weeksOfMonth({ occurrence: "biWeekly", week: 2 })).toEqual([2, 4]);
    expect(weeksOfMonth({ occurrence: "monthly", week: 3 })).toEqual([3]);
  });
});

describe("waves", () => {
  it("always add up to the ring and stay within a device of their shares", () => {
    const shares = fc
      .array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 })
      .map((parts) => parts.map((part) => part / parts.reduce((sum, one) => sum + one, 0)));
    fc.assert(
      fc.property(fc.nat(5_000), shares, (size, parts) => {
        const counts = waveCounts(size, parts);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size);
        for (const [index, count] of counts.entries()) {
          expect(count).toBeGreaterThanOrEqual(0);
          expect(Math.abs(count - size * (parts[index] ?? 0))).toBeLessThanOrEqual(1 + 1e-6);
        }
      }),
    );
  });
});

describe("the gate's settings", () => {
  const withGate = (gate: object) => ({ ...group, gate });

  it("refuse a hold that would never come before the pause, naming rule and limit", () => {
    expect(() => validateGroup(withGate({ alpha: 0.1, holdEvidence: 10 }))).toThrow(
      expect.objectContaining({
        field: "gate.holdEvidence",
        details: expect.objectContaining({ rule: "holdBeforePause", limit: 10 }),
      }),
    );
    expect(validateGroup(withGate({ alpha: 0.1, holdEvidence: 9.9 })).gate.holdEvidence).toBe(9.9);
  });
});

it("settings of approvals under which nobody could decide are refused, naming the rule", () => {
  expect(() => validateGroup({ ...group, approvals: { mode: "all" } })).toThrow(
    expect.objectContaining({
      field: "approvals.approvers",
      details: expect.objectContaining({ rule: "approversNamed" }),
    }),
  );
});
