import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../../shared/calendar/days.js";
import { baselineView } from "../../../../shared/gate/baseline-view.js";
import { countingReleases, type KeptDeployment, learnBaseline } from "../../../../shared/gate/baselines.js";
import { computeSilence, DEFAULT_NO_RETURN } from "../../../../shared/gate/silence.js";
import { MemoryTables } from "../tenant/memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
const { baselineOf, deploymentsOf, disturbDeployment, keepDeployment } = await import(
  "../../../../shared/gate/baseline-store.js"
);

function deployment(month: number, groupId: string, change: Partial<KeptDeployment> = {}): KeptDeployment {
  const disturbedBy = change.disturbedBy ?? [];
  return {
    releaseId: `${month} ${groupId}`,
    groupId,
    kind: "B",
    updateId: `update ${month}`,
    updateName: `2026.${month} B`,
    finishedAt: month * 30 * DAY_MS,
    resolved: 10_000,
    failures: 20,
    reportAgeBins: { Test: [10, 30] },
    started: 0,
    returnAgeBins: [],
    ...change,
    disturbedBy,
    disturbed: disturbedBy.length > 0,
  };
}

describe("a baseline", () => {
  it("pools p0 over groups, an update of theirs counting as one month", () => {
    const months = Array.from({ length: 8 }, (_, month) => month + 1);
    const all = months.flatMap((month) => [
      deployment(month, "a", { failures: month < 3 ? 900 : 20 }),
      deployment(month, "b", { failures: 60 }),
    ]);
    const { p0, deployments, p0Variation } = learnBaseline(all, "a");
    expect(deployments).toBe(6);
    expect(p0).toBeCloseTo((6 * 80 + 4) / 122_000, 12);
    expect(p0Variation).toBe(0);
    expect(learnBaseline(all, "new").p0).toBe(p0);
    expect([...countingReleases(all)].sort()).toEqual(
      months
        .slice(2)
        .flatMap((month) => [`${month} a`, `${month} b`])
        .sort(),
    );
  });

  it("takes arrivals from the group's own deployments, and passes disturbed ones over", () => {
    const all = [
      deployment(1, "a"),
      deployment(2, "a", { reportAgeBins: { Test: [100, 0] }, failures: 5_000, disturbedBy: ["held"] }),
      deployment(3, "b", { reportAgeBins: { Test: [100, 0] } }),
    ];
    expect(learnBaseline(all, "a").arrivals.Test?.slice(0, 2)).toEqual([0.25, 1]);
    expect(learnBaseline(all, "c").arrivals).toEqual({});
    expect(learnBaseline(all, "a").p0).toBeCloseTo((40 + 4) / 22_000, 12);
  });

  it("learns the no-return curve from the group, else from everybody, else not at all", () => {
    const slow = deployment(1, "slow", { started: 9_800, returnAgeBins: [0, 0, 0, 0, 9_800] });
    const brisk = deployment(1, "brisk", { started: 9_800, returnAgeBins: [9_800] });
    const onDayOne = (groupId: string) => learnBaseline([slow, brisk], groupId).noReturn?.[0];
    const prior = 200 * (DEFAULT_NO_RETURN[0] ?? 0);
    expect(onDayOne("slow")).toBeCloseTo((9_800 + prior) / 10_000, 9);
    expect(onDayOne("brisk")).toBeCloseTo(prior / 10_000, 9);
    expect(onDayOne("other")).toBeCloseTo((9_800 + prior) / 19_800, 9);
    expect(learnBaseline([deployment(1, "a")], "a").noReturn).toBeUndefined();
  });

  it("does not take two lost devices for a broken update where few devices have come back, all of them", () => {
    const { noReturn = [] } = learnBaseline([deployment(1, "a", { started: 40, returnAgeBins: [20, 20] })], "a");
    const silent = [{ since: 0, devices: 2 }];
    const { decision } = computeSilence({ now: 10 * DAY_MS, started: 40, silent, noReturn, control: null });
    expect(decision).toBe("continue");
  });
});

describe("kept deployments", () => {
  beforeEach(() => tables.clear());

  it("are one per release, by kind", async () => {
    await keepDeployment(deployment(1, "a", { failures: 1 }));
    await keepDeployment(deployment(1, "a", { failures: 2 }));
    await keepDeployment(deployment(2, "a", { kind: "OOB" }));
    expect(await deploymentsOf("B")).toEqual([deployment(1, "a", { failures: 2 })]);
    expect((await baselineOf("B", "a")).deployments).toBe(1);
    expect((await baselineOf("D", "a")).deployments).toBe(0);
  });

  it("teach nothing any more once they are rolled back", async () => {
    await disturbDeployment("B", "1 a", "rolledBack");
    expect(await deploymentsOf("B")).toEqual([]);
    await keepDeployment(deployment(1, "a"));
    await disturbDeployment("B", "1 a", "rolledBack");
    await disturbDeployment("B", "1 a", "rolledBack");
    expect(await deploymentsOf("B")).toEqual([deployment(1, "a", { disturbedBy: ["rolledBack"] })]);
    expect((await baselineOf("B", "a")).deployments).toBe(0);
  });
});

describe("a baseline as people see it", () => {
  it("says which of the group's deployments count, and why the others do not", () => {
    const months = [1, 2, 3, 4, 5, 6, 7].map((month) => deployment(month, "a"));
    const paused = deployment(8, "a", { disturbedBy: ["paused", "tenantPause"] });
    const view = baselineView("B", { id: "a", name: "A" }, [...months, paused, deployment(9, "b")]);
    expect(view).toMatchObject({ learnedFrom: { updates: 6, releases: 6 }, noReturn: { learned: false } });
    expect(view.toleratedRate).toBeCloseTo(1.5 * view.p0, 12);
    expect(view.deployments.map(({ releaseId, counts, why }) => [releaseId, counts.rate, counts.curves, why])).toEqual([
      ["8 a", false, false, ["paused", "tenantPause"]],
      ...[7, 6, 5, 4, 3].map((month) => [`${month} a`, true, true, []]),
      ["2 a", false, true, []],
      ["1 a", false, false, ["olderThanLatestSix"]],
    ]);
  });
});
