import { beforeAll, describe, expect, it } from "vitest";
import { Answering } from "../../../../../infra/local/year/answers.js";
import { missedOf, type YearReport } from "../../../../../infra/local/year/report.js";
import { runYear, type YearOptions } from "../../../../../infra/local/year/run.js";
import { share } from "../../../../../infra/local/year/share.js";
import { yearText } from "../../../../../infra/local/year/text.js";

const options: YearOptions = {
  ...{ from: "2024-01", devices: 30, seed: 1, gate: "off", scenario: "nominal", months: 1 },
  ...{ answering: Answering.nobody, feature: { version: "Windows 11, version 23H2", firstDate: "2024-01-10" } },
};

describe("a year in one process", () => {
  let report: YearReport;
  beforeAll(async () => {
    report = await runYear(options);
  });
  const workload = (id: string) => report.workloads.find((year) => year.workload === id);

  it("runs releases of every workload", () => {
    expect(report.workloads.map((year) => year.workload)).toEqual([
      ...["quality", "feature", "driver", "microsoft365Apps", "edge"],
    ]);
    expect(workload("quality")).toMatchObject({ releases: 1, outcomes: { completed: 1 } });
    expect(workload("microsoft365Apps")?.releases).toBe(2);
    expect(workload("edge")?.releases).toBeGreaterThanOrEqual(10);
  });

  it("has a figure for every ring with its denominator, and objectives where the workload has one", () => {
    const { figures = [], rings } = workload("quality") ?? {};
    expect(figures.map(({ ring }) => ring).toSorted()).toEqual(["Last", "Ring1", "Ring2", "Ring3", "Test"]);
    expect(rings).toMatchObject({ of: 5, part: figures.filter(({ met }) => met).length });
    expect(figures.reduce((sum, { devices }) => sum + devices, 0)).toBe(30);
    for (const { upToDate, denominator, devices } of figures) {
      expect(upToDate).toBeLessThanOrEqual(denominator);
      expect(denominator).toBeLessThanOrEqual(devices);
    }
    expect(workload("driver")?.figures.every(({ objective, met }) => objective === null && met)).toBe(true);
    expect(workload("microsoft365Apps")?.devices.objective).toBe(90);
  });

  it("opens an incident for every miss", () => {
    const missed = missedOf(report);
    expect(missed.length).toBeGreaterThan(0);
    const opened = report.workloads.reduce((sum, { incidents }) => sum + incidents.opened, 0);
    expect(opened).toBeGreaterThanOrEqual(missed.length);
    for (const { incidents } of report.workloads) {
      const closed = Object.values(incidents.closed).reduce((sum, count) => sum + count, 0);
      expect(closed + incidents.open).toBe(incidents.opened);
    }
  });

  it("follows Office and Edge by the daily inventories", () => {
    const { office, edge, teams, antivirus } = report.apps;
    expect(office.months.map(({ version }) => version)).toEqual(["2310", "2311"]);
    expect(office.months.at(-1)?.supported).toMatchObject({ objective: 90, met: true });
    expect(office.days).toBe(39);
    expect(edge.weeks.length).toBe(5);
    for (const { newest, recent } of edge.weeks) expect(newest.part).toBeLessThanOrEqual(recent.part);
    expect(teams.devices).toBe(30);
    // Devices that have not checked in for five days do not count.
    expect(antivirus.eligible).toBeGreaterThan(20);
    expect(antivirus.eligible).toBeLessThanOrEqual(30);
  });

  it("is told in a table for each workload, with every miss", () => {
    const text = yearText(report);
    expect(text).toContain("a year from 2024-01 · 30 devices · seed 1 · scenario nominal · gate off");
    const [figure] = workload("quality")?.figures ?? [];
    expect(text).toContain(`${figure?.upToDate}/${figure?.denominator}`);
    for (const { update, ring, upToDate, denominator } of missedOf(report)) {
      expect(text).toContain(`${update} in ${ring}: ${upToDate} of ${denominator} `);
    }
    expect(text).toContain("people asked: 0");
  });

  it("has the rings of every table in the order of their group", () => {
    const heads = yearText(report)
      .split("\n")
      .filter((line) => /^ +Test +/.test(line))
      .map((line) => line.trim().split(/ +/));
    expect(heads.length).toBe(report.workloads.length);
    const order = ["Test", "Ring1", "Ring2", "Ring3", "Last"];
    for (const rings of heads) expect(rings).toEqual(order.filter((ring) => rings.includes(ring)));
  });

  it("is the same again for the same seed, costs aside", async () => {
    const { costs: _, ...again } = await runYear(options);
    const { costs: _costs, ...first } = report;
    expect(again).toEqual(first);
  });
});

describe("a share", () => {
  it("is told with its whole, rounded down, and meets its objective exactly", () => {
    expect(share(949, 1000, 95)).toEqual({ part: 949, of: 1000, percent: 94.9, objective: 95, met: false });
    expect(share(950, 1000, 95)).toMatchObject({ percent: 95, met: true });
    expect(share(0, 0, 95)).toMatchObject({ percent: null, met: true });
  });
});
