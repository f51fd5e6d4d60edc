import { describe, expect, it } from "vitest";
import { UsageError } from "../../../../../infra/local/args.js";
import { loadScenario } from "../../../../../infra/local/fleet/index.js";
import { Population } from "../../../../../infra/local/fleet/population.js";
import { DevicesTenant } from "../../../../../infra/local/in-process/devices-tenant.js";
import { drivers, featureUpdate, qualityUpdates } from "../../../../../infra/local/year/publications.js";
import { addDays, iso } from "../../../../../shared/calendar/days.js";
import { defaultGroup } from "../../../../../shared/groups/defaults.js";
import type { StoredGroup } from "../../../../../shared/groups/store.js";

const START = Date.parse("2024-01-01T00:00:00Z");
const group: StoredGroup = { id: "workforce", definition: defaultGroup("Workforce"), status: "active", bindings: {} };
const records = new Population({
  ...{ tenant: new DevicesTenant(), seed: 1, size: 30, scenario: loadScenario("nominal"), startedAt: START },
}).devices.map(({ record }) => record);

describe("what is published in a year", () => {
  it("is a security update on every Patch Tuesday", () => {
    const found = qualityUpdates("2024-01");
    expect(found.map(({ update }) => update.shortName)).toEqual([
      ...["2024.01 B", "2024.02 B", "2024.03 B", "2024.04 B", "2024.05 B", "2024.06 B"],
      ...["2024.07 B", "2024.08 B", "2024.09 B", "2024.10 B", "2024.11 B", "2024.12 B"],
    ]);
    expect(found.slice(0, 1).map(({ at }) => iso(at))).toEqual(["2024-01-09T18:00:00.000Z"]);
  });

  it("must be in the catalogue, with the month before it, which devices begin with", () => {
    for (const [from, missing] of [
      ["2040-01", "2040.01 B"],
      ["2022-12", "2022.12 B"],
      ["2023-01", "2023.01 B"],
    ] as const) {
      const has = `The year has ${missing}, and the catalogue serves years from 2023.02 B to 2025.05 B.`;
      expect(() => qualityUpdates(from)).toThrow(has);
      expect(() => qualityUpdates(from)).toThrow(UsageError);
    }
  });

  it("has one feature update, which reaches a ring a week after the one before it", () => {
    const firstAt = Date.parse("2024-10-07T00:00:00Z");
    const { at, update } = featureUpdate("Windows 11, version 24H2", firstAt, group);
    expect(at).toBe(firstAt);
    expect(update).toMatchObject({
      ...{ workload: "feature", revisions: [{ kb: "Windows 11, version 24H2", build: "10.0.26100" }] },
      opens: { Test: { at: firstAt }, Ring1: { at: addDays(firstAt, 7) }, Last: { at: addDays(firstAt, 28) } },
    });
    expect(() => featureUpdate("Windows 12", firstAt, group)).toThrow("There is no feature update 'Windows 12'.");
  });

  it("has forty drivers for parts that devices have, each ring after its deferral", () => {
    const until = addDays(START, 365);
    const found = drivers(records, [START, until], group);
    expect(found).toHaveLength(40);
    for (const { at, update } of found) {
      expect(at).toBeGreaterThanOrEqual(START);
      expect(at).toBeLessThan(until);
      expect(update).toMatchObject({ workload: "driver", opens: { Test: { at }, Last: { at: addDays(at, 10) } } });
    }
    expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => a - b));
  });
});
