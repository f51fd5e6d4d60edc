import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttributeIndex, indexAttributes } from "../../../../shared/attributes/columns.js";
import { cohortOf, matches } from "../../../../shared/cohorts/cohort.js";
import { drillDown } from "../../../../shared/cohorts/drill-down.js";
import { computeCohortEvidence } from "../../../../shared/cohorts/evidence.js";
import { hash32, uniform } from "../../../../shared/random.js";

const SIZE = 6_000;
const DIMENSIONS = { app: 40, bios: 60, driver: 25, model: 30, vpn: 5 };
type Row = Readonly<Record<string, string>>;

/** Values are drawn with a Zipf-like weight, so that some are frequent and many rare; one in ten is not known. */
const rows: readonly Row[] = Array.from({ length: SIZE }, (_, device) =>
  Object.fromEntries(
    Object.entries(DIMENSIONS).flatMap(([name, values]) => {
      const value = Math.floor(values * uniform("value", name, device) ** 2);
      return uniform("known", name, device) < 0.1 ? [] : [[name, `${name} ${value}`]];
    }),
  ),
);
const index: AttributeIndex = indexAttributes(SIZE, (device) => rows[device] ?? {});
const everybody = rows.map((_, device) => device);
const inRow = (device: number, row: Row) => matchesAll(rows[device] ?? {}, row);
const matchesAll = (device: Row, row: Row) => Object.entries(row).every(([name, value]) => device[name] === value);

/** Devices that fail: all at the base rate, those that match at another. */
function failing(seed: string, exposed: readonly number[], bad: Row | undefined, rate = 0.25, base = 0.002): number[] {
  return exposed.filter((device) => uniform(seed, device) < (bad !== undefined && inRow(device, bad) ? rate : base));
}

describe("drill-down", () => {
  it.each([
    [{ driver: "driver 3" }, "driver=driver 3"],
    [{ model: "model 1" }, "model=model 1"],
    [{ vpn: "vpn 1", model: "model 0" }, "model=model 0 & vpn=vpn 1"],
  ])("holds exactly the devices with %o", (bad, id) => {
    const { held, remaining } = drillDown({ index, exposed: everybody, failing: failing("bad", everybody, bad) });
    expect(held.map(({ cohort }) => cohort)).toEqual([id]);
    expect(remaining.exposed).toHaveLength(rows.filter((row) => !matchesAll(row, bad)).length);
    expect([...remaining.failing].every((device) => !inRow(device, bad))).toBe(true);
  });

  it("holds two bad cohorts one after the other, the worse one first, and says what is left", () => {
    const [a, b] = [{ driver: "driver 2" }, { app: "app 1" }];
    const failed = everybody.filter((device) =>
      inRow(device, a) ? uniform("two", device) < 0.4 : uniform("two", device) < (inRow(device, b) ? 0.2 : 0.002),
    );
    const { held, remaining } = drillDown({ index, exposed: everybody, failing: failed });
    expect(held.map(({ cohort }) => cohort)).toEqual(["driver=driver 2", "app=app 1"]);
    expect(held[1]?.input).toMatchObject({
      exposed: rows.filter((row) => !matchesAll(row, a)).length,
      failures: failed.filter((device) => !inRow(device, a)).length,
    });
    expect([...remaining.failing]).toEqual(failed.filter((device) => !inRow(device, a) && !inRow(device, b)));
  });

  it("founds no new hold on the devices of a cohort that is held", () => {
    const bad = { driver: "driver 3" };
    const cohort = cohortOf({ attribute: "driver", value: "driver 3" });
    const { held, remaining, superfluous } = drillDown({
      index,
      exposed: everybody,
      failing: failing("bad", everybody, bad),
      held: [cohort],
    });
    expect(held).toEqual([]);
    expect(superfluous).toEqual([]);
    expect([...remaining.exposed].some((device) => matches(cohort, rows[device] ?? {}))).toBe(false);
  });

  it.each([0.002, 0.02, 0.1, 0.5])("holds nothing when everybody fails at %f", (rate) => {
    for (let run = 0; run < 25; run++) {
      const failed = failing(`uniform ${run}`, everybody, undefined, 0, rate);
      expect(drillDown({ index, exposed: everybody, failing: failed }).held).toEqual([]);
    }
  });

  it("makes no false hold in healthy months, though it looks again and again", () => {
    for (let run = 0; run < 60; run++) {
      const order = everybody.toSorted((a, b) => hash32(run, a) - hash32(run, b));
      const failed = new Set(failing(`healthy ${run}`, order, undefined, 0, 0.004));
      for (let exposures = 50; exposures <= SIZE; exposures = Math.ceil(exposures * 1.5)) {
        const exposed = order.slice(0, exposures);
        expect(drillDown({ index, exposed, failing: exposed.filter((each) => failed.has(each)) }).held).toEqual([]);
      }
    }
  });

  it("keeps evidence from which it is recomputed to the bit", () => {
    const { held, advice } = drillDown({
      index,
      exposed: everybody,
      failing: failing("bad", everybody, { driver: "driver 3" }),
    });
    for (const evidence of [...held, ...advice]) {
      expect(computeCohortEvidence(JSON.parse(JSON.stringify(evidence)).input)).toEqual(evidence);
    }
    expect(held[0]?.e).toBeGreaterThanOrEqual(held[0]?.threshold ?? Number.POSITIVE_INFINITY);
  });

  it("counts for itself what a plain count over the devices gives", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 300, max: SIZE }), (seed, exposures) => {
        const exposed = everybody.slice(0, exposures);
        const failed = failing(`counts ${seed}`, exposed, { driver: "driver 2", vpn: "vpn 0" }, 0.5);
        const { held, advice } = drillDown({ index, exposed, failing: failed });
        const [first] = held.length > 0 ? held : advice;
        if (first === undefined) return;
        const { input } = first;
        const within = (devices: readonly number[]) =>
          devices.filter((device) => matches(input.cohort, rows[device] ?? {})).length;
        expect(input).toMatchObject({
          devices: within(everybody),
          exposed: exposures,
          cohortExposed: within(exposed),
          failures: failed.length,
          cohortFailures: within(failed),
        });
      }),
      { numRuns: 30 },
    );
  });

  it("does not depend on the order or the repetition of devices", () => {
    const failed = failing("bad", everybody, { driver: "driver 3" });
    const once = drillDown({ index, exposed: everybody, failing: failed });
    const again = drillDown({
      index,
      exposed: [...everybody].reverse().concat(failed),
      failing: [...failed, ...failed].reverse(),
    });
    expect(again).toEqual(once);
  });

  it("has nothing to say before anything is exposed", () => {
    const nothing = { held: [], advice: [], superfluous: [] };
    expect(drillDown({ index, exposed: [], failing: [] })).toMatchObject(nothing);
    expect(drillDown({ index: indexAttributes(0, () => ({})), exposed: [], failing: [] })).toMatchObject(nothing);
  });

  it("advises, but does not hold, where the evidence does not suffice", () => {
    const bad = { driver: "driver 3" };
    const counts = { advice: 0, held: 0 };
    for (let exposures = 100; exposures <= 2_000; exposures += 50) {
      const exposed = everybody.slice(0, exposures);
      const { held, advice } = drillDown({ index, exposed, failing: failing("bad", exposed, bad, 0.12) });
      for (const each of advice) expect(each.e).toBeLessThan(each.threshold);
      counts.advice += advice.length;
      counts.held += held.length;
    }
    expect(counts.held).toBeGreaterThan(0);
  });
});

describe("a cohort held by chance", () => {
  /** Devices of a model are 60 % with graphics G, which others have as well; half of a model has each firmware. */
  const fleet = indexAttributes(6_000, (device) => {
    const model = Math.floor(device / 300);
    const usual = model === 0 ? device % 5 < 3 : device % 25 === 0;
    return { model: `M${model}`, bios: `B${model}.${device % 2}`, gpu: usual ? "G" : `H${device % 30}` };
  });
  const exposed = Array.from({ length: 6_000 }, (_, device) => device);
  const inModel = exposed.slice(0, 300);
  const early = inModel.filter((device) => device % 5 < 3 && device % 20 === 1);
  const late = inModel.filter((device) => device % 5 >= 3 && device % 2 === 0).slice(0, 14);

  it("gives way to the cause that it has in common with what fails later", () => {
    const gpu = cohortOf({ attribute: "gpu", value: "G" });
    const { held, superfluous } = drillDown({ index: fleet, exposed, failing: [...early, ...late], held: [gpu] });
    expect(held.map(({ cohort }) => cohort)).toEqual(["model=M0"]);
    expect(superfluous.map(({ cohort, because }) => [cohort, because])).toEqual([["gpu=G", "explained"]]);
  });

  it("stays beside another that fails for a reason of its own", () => {
    const gpu = cohortOf({ attribute: "gpu", value: "G" });
    const inG = exposed.filter((device) => (device < 300 ? device % 5 < 3 : device % 25 === 0)).slice(0, 300);
    const other = exposed.slice(3_001, 3_300).filter((device) => device % 25 !== 0);
    const failed = [...inG.filter((_, at) => at % 6 === 0), ...other.filter((_, at) => at % 6 === 0)];
    const { held, superfluous } = drillDown({ index: fleet, exposed, failing: failed, held: [gpu] });
    expect(held.map(({ cohort }) => cohort)).toEqual(["model=M10"]);
    expect(superfluous).toEqual([]);
  });
});

describe("cohorts that cannot be told apart", () => {
  const model = (device: number) => `M${Math.floor(device / 100)}`;

  it("are held by the simpler name when they are the same devices", () => {
    const same = indexAttributes(2_000, (device) => ({
      bios: `B${Math.floor(device / 100)}${device < 1_000 ? "" : device % 2}`,
      model: model(device),
    }));
    const exposed = Array.from({ length: 2_000 }, (_, device) => device);
    const { held } = drillDown({ index: same, exposed, failing: [301, 322, 333, 344, 355, 366] });
    expect(held.map(({ cohort }) => cohort)).toEqual(["model=M3"]);
  });

  it("are held as a value, not as a pair, unless the pair is e³ better", () => {
    const fleet = indexAttributes(4_000, (device) => ({ model: model(device), vpn: device % 5 < 3 ? "on" : "off" }));
    const exposed = Array.from({ length: 4_000 }, (_, device) => device);
    // All failures have vpn=on, as 3 of 5 devices have.
    const failed = exposed.filter((device) => model(device) === "M3" && device % 5 === 1);
    expect(drillDown({ index: fleet, exposed, failing: failed.slice(0, 7) }).held.map(({ cohort }) => cohort)).toEqual([
      "model=M3",
    ]);
    expect(drillDown({ index: fleet, exposed, failing: failed }).held.map(({ cohort }) => cohort)).toEqual([
      "model=M3 & vpn=on",
    ]);
  });
});
