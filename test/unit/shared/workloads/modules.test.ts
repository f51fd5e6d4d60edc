import { describe, expect, it } from "vitest";
import { addDays } from "../../../../shared/calendar/days.js";
import { driverUpdateOf } from "../../../../shared/drivers/update.js";
import { edgeUpdateOf, newestForRings } from "../../../../shared/edge/update.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { officeUpdateOf } from "../../../../shared/microsoft-365-apps/update.js";
import { type Update, Workload } from "../../../../shared/updates/update.js";
import { workloadFor, workloads } from "../../../../shared/workloads/index.js";

const definition = defaultGroup("Workforce");
const bindings = Object.fromEntries(definition.rings.map(({ name }) => [name, { entraGroupId: `g-${name}` }]));
const group = { id: "workforce", definition, status: "active", bindings } as const;
const AT = Date.parse("2024-05-14T17:00:00Z");
const office = (name: string, version: string, publishedAt: string) => ({
  ...{ channel: "monthlyEnterprise", name, version, publishedAt },
});
const OFFICE = [
  office("2403", "16.0.17425.20176", "2024-04-09T17:00:00.000Z"),
  office("2404", "16.0.17531.20140", "2024-05-14T17:00:00.000Z"),
];
const edge = (channel: string, version: string) => ({
  ...{ channel, name: version.split(".")[0] ?? "", version, publishedAt: "2024-05-14T17:00:00.000Z" },
});
const opensOf = ({ opens = {} }: Update & { opens?: object }) => opens as Record<string, { at: number }>;
const stateOf = (update: Update, apps: Record<string, string>, osVersion: string | null = null) =>
  workloadFor(update).stateOf({ osVersion, apps }, update);

describe("workloads", () => {
  it("are these five, each once", () => {
    expect(workloads().map(({ id }) => id)).toEqual(["quality", "feature", "driver", "microsoft365Apps", "edge"]);
  });

  it("carry out updates by signals or by the daily inventory", () => {
    const byInventory = workloads().filter(({ reports }) => reports === "inventory");
    expect(byInventory.map(({ id }) => id)).toEqual(["microsoft365Apps", "edge"]);
  });

  it("have the objectives of the reference", () => {
    const objectives = Object.fromEntries(workloads().map(({ id, objective }) => [id, objective]));
    expect(objectives).toEqual({ quality: 95, feature: 95, driver: null, microsoft365Apps: 90, edge: null });
  });
});

describe("a monthly version of Office", () => {
  const [before, newest] = OFFICE;
  if (before === undefined || newest === undefined) throw new Error("Two versions are needed.");
  const update = officeUpdateOf(newest, OFFICE, group);

  it("opens rings after their delay of 0, 0, 3, 7 and 7 days, with a deadline of seven (row 89)", () => {
    const days = Object.entries(opensOf(update)).map(([ring, { at }]) => [ring, (at - AT) / 86_400_000]);
    expect(days).toEqual([
      ["Test", 0],
      ["Ring1", 0],
      ["Ring2", 3],
      ["Ring3", 7],
      ["Last", 7],
    ]);
    expect(workloadFor(update).plan(update, group)[2]).toMatchObject({ deadlineDays: 7, graceDays: 0 });
  });

  it("is satisfied by the version before it, which is supported, and by no older one", () => {
    expect(stateOf(update, { microsoft365Apps: before.version })).toBe("upToDate");
    expect(stateOf(update, { microsoft365Apps: "16.0.17328.20162" })).toBe("notUpToDate");
    expect(stateOf(update, {})).toBe("notApplicable");
  });
});

describe("a version of Edge", () => {
  const list = [edge("stable", "124.0.2478.97"), edge("stable", "125.0.2535.51"), edge("beta", "126.0.2592.11")];

  it("opens the rings of its channel: Test is on Beta, the others on Stable (row 91)", () => {
    const [first, second] = newestForRings(list, group, AT + 1).map((version) => edgeUpdateOf(version, group));
    expect([first, second].map((update) => [update?.shortName, Object.keys(update?.opens ?? {})])).toEqual([
      ["Microsoft Edge 126.0.2592.11", ["Test"]],
      ["Microsoft Edge 125.0.2535.51", ["Ring1", "Ring2", "Ring3", "Last"]],
    ]);
  });

  it("replaces older ones of its channel only", () => {
    const [older, newer, beta] = list.map((version) => edgeUpdateOf(version, group));
    if (older === undefined || newer === undefined || beta === undefined) throw new Error("Three are needed.");
    const { supersedence } = workloadFor(newer);
    expect([supersedence(newer, older), supersedence(older, newer), supersedence(beta, newer)]).toEqual([
      "full",
      "none",
      "none",
    ]);
  });
});

describe("an approved driver", () => {
  const ring = (name: string, status: "Approved" | "Needs review", offeredFrom: string | null) => ({
    ...{ ring: name, inventoryId: name, status, category: "recommended" as const, devices: 3, offeredFrom },
  });
  const driver = (version: string) => ({
    ...{ id: "a".repeat(64), name: `NVIDIA - Display - ${version}`, version, manufacturer: "NVIDIA" },
    ...{ driverClass: "Display", releasedAt: null },
    rings: [
      ring("Test", "Approved", "2024-05-20T00:00:00.000Z"),
      ring("Ring3", "Approved", "2024-05-29T00:00:00.000Z"),
      ring("Last", "Needs review", null),
    ],
  });

  it("opens the rings that approve it when their policies offer it, and no others", () => {
    const update = driverUpdateOf(driver("32.0.15.7713"), AT);
    expect(update && opensOf(update)).toEqual({
      Test: { at: Date.parse("2024-05-20T00:00:00Z") },
      Ring3: { at: Date.parse("2024-05-29T00:00:00Z") },
    });
    const unapproved = { ...driver("32.0.15.7713"), rings: [ring("Last", "Needs review", null)] };
    expect(driverUpdateOf(unapproved, AT)).toBeUndefined();
  });

  it("replaces older versions of the same driver only", () => {
    const [older, newer] = ["32.0.15.7713", "32.0.15.7774"].map((version) => driverUpdateOf(driver(version), AT));
    const other = driverUpdateOf({ ...driver("33.0.0.1"), name: "Intel - Net - 33.0.0.1" }, AT);
    if (older === undefined || newer === undefined || other === undefined) throw new Error("Three are needed.");
    const { supersedence } = workloadFor(newer);
    expect([supersedence(newer, older), supersedence(older, newer), supersedence(other, older)]).toEqual([
      "full",
      "none",
      "none",
    ]);
  });
});

describe("a feature update", () => {
  const update = {
    ...{ workload: Workload.feature, catalogEntryId: "f", shortName: "Windows 11, version 24H2", displayName: "f" },
    releaseDate: new Date(addDays(AT, 1)).toISOString(),
    revisions: [{ product: "Windows 11", version: "24H2", build: "10.0.26100", kb: "f", isHotpatch: false }],
  } as const;

  it("is on devices with its version or a later one", () => {
    const states = ["10.0.22631.3593", "10.0.26100.1742", "10.0.26200.1", null].map((os) => stateOf(update, {}, os));
    expect(states).toEqual(["notUpToDate", "upToDate", "upToDate", "notUpToDate"]);
  });
});
