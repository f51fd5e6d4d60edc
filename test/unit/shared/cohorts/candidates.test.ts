import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import { type Candidate, pairCandidates, valueCandidates } from "../../../../shared/cohorts/candidates.js";
import { type Condition, cohortId, cohortOf } from "../../../../shared/cohorts/cohort.js";
import { logCohortEvidence } from "../../../../shared/cohorts/evidence.js";
import { exposureOf } from "../../../../shared/cohorts/exposure.js";
import { hash32, uniform } from "../../../../shared/random.js";

const SIZE = 800;
const DIMENSIONS = { bios: 9, driver: 4, model: 6 };
const rows = Array.from({ length: SIZE }, (_, device) =>
  Object.fromEntries(
    Object.entries(DIMENSIONS).flatMap(([name, values]) =>
      uniform("known", name, device) < 0.1 ? [] : [[name, `${name}${hash32(name, device) % values}`]],
    ),
  ),
);
const index = indexAttributes(SIZE, (device) => rows[device] ?? {});
const conditions: Condition[] = Object.entries(DIMENSIONS).flatMap(([attribute, values]) =>
  Array.from({ length: values }, (_, at) => ({ attribute, value: `${attribute}${at}` })),
);

/** Evidence for every cohort with 20 devices, counted row by row. */
function plainly(exposed: readonly number[], failing: readonly number[], pairs: boolean): Map<string, number> {
  const cohorts = pairs
    ? conditions.flatMap((a) => conditions.flatMap((b) => (a.attribute < b.attribute ? [[a, b]] : [])))
    : conditions.map((a) => [a]);
  return new Map(
    cohorts.flatMap((cohort): [string, number][] => {
      const [a, b] = cohort;
      const within = (devices: readonly number[]) =>
        devices.filter((device) => cohort.every(({ attribute, value }) => rows[device]?.[attribute] === value)).length;
      if (a === undefined || within(rows.map((_, device) => device)) < 20 || within(failing) === 0) return [];
      const logE = logCohortEvidence(failing.length, within(failing), within(exposed) / exposed.length);
      return [[cohortId(b === undefined ? cohortOf(a) : cohortOf(a, b)), logE]];
    }),
  );
}

const asMap = (candidates: readonly Candidate[]) =>
  new Map(candidates.map(({ counts, logE }) => [cohortId(counts().cohort), logE]));

describe("candidates", () => {
  it("are what counting every cohort row by row gives", () => {
    const least = Math.log(100);
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 20, max: SIZE }),
        fc.integer({ min: 1, max: 60 }),
        (seed, of, most) => {
          const exposed = rows.map((_, device) => device).slice(0, of);
          const suspect = (device: number) => rows[device]?.model === "model1" && rows[device]?.driver === "driver2";
          const failing = exposed
            .filter((device) => uniform(seed, device) < (suspect(device) ? 0.6 : 0.03))
            .slice(0, most);
          const exposure = exposureOf(index, exposed, failing);
          expect(asMap(valueCandidates(index, exposure))).toEqual(plainly(exposed, failing, false));
          const pairs = [...plainly(exposed, failing, true)].filter(([, logE]) => logE >= least);
          expect(asMap(pairCandidates(index, exposure))).toEqual(new Map(pairs));
        },
      ),
      { numRuns: 40 },
    );
  });
});
