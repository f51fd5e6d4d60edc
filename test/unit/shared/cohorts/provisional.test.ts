import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import { valueCandidates } from "../../../../shared/cohorts/candidates.js";
import { cohortId, cohortOf } from "../../../../shared/cohorts/cohort.js";
import { drillDown } from "../../../../shared/cohorts/drill-down.js";
import { computeCohortEvidence } from "../../../../shared/cohorts/evidence.js";
import { exposureOf } from "../../../../shared/cohorts/exposure.js";
import { logEvidenceWith, mayBeChance } from "../../../../shared/cohorts/provisional.js";

/** 40,000 devices of 40 models, 300 firmware versions, 800 applications and 2 regions, mixed. */
const index = indexAttributes(40_000, (device) => ({
  model: `M${device % 40}`,
  firmware: `F${Math.floor(device / 40) % 300}`,
  app: `A${Math.floor(device / 7) % 800}`,
  region: device % 3 === 0 ? "north" : "south",
}));
const BAD = cohortOf({ attribute: "model", value: "M7" });
const ID = "model=M7";
const first = (devices: number) => Array.from({ length: devices }, (_, device) => device);
/** The first devices of the model. */
const ofModel = (model: number, devices: number) => Array.from({ length: devices }, (_, at) => 40 * at + model);
const gate = (failures: number, nEff: number) => ({ failures, nEff, pTol: 0.003, holdEvidence: 5 });
const cohorts = (evidence: readonly { readonly cohort: string }[]) => evidence.map(({ cohort }) => cohort);

describe("a cohort whose own evidence does not suffice yet", () => {
  const [exposed, failing] = [first(120), ofModel(7, 3)];

  it("is held on the strength of the gate's evidence too, provisionally", () => {
    expect(drillDown({ index, exposed, failing }).held).toEqual([]);
    const { held } = drillDown({ index, exposed, failing, gate: gate(3, 120) });
    expect(held).toMatchObject([{ cohort: ID, provisional: true, input: { cohortExposed: 3, cohortFailures: 3 } }]);
    for (const evidence of held) {
      expect(evidence.logE).toBeLessThan(Math.log(evidence.threshold));
      expect(evidence.logE + evidence.input.gateLogE).toBeGreaterThanOrEqual(Math.log(evidence.threshold));
      expect(evidence.input.gateLogE).toBe(logEvidenceWith(gate(3, 120)));
      expect(computeCohortEvidence(JSON.parse(JSON.stringify(evidence)).input)).toEqual(evidence);
    }
  });

  it("is not where the gate has nothing against the update", () => {
    expect(drillDown({ index, exposed, failing, gate: gate(3, 3_000) }).held).toEqual([]);
  });

  it("is not held because the gate's evidence is overwhelming: it counts up to a hundred", () => {
    const [two, bad] = [ofModel(7, 2), gate(12, 120)];
    const failed = [...two, 12, 31, 66, 74, 95, 99, 103, 110, 113, 118];
    const { held } = drillDown({ index, exposed, failing: failed, gate: bad });
    expect(held).toEqual([]);
    const candidate = valueCandidates(index, exposureOf(index, exposed, failed)).find(
      ({ counts }) => cohortId(counts().cohort) === ID,
    );
    if (candidate === undefined) throw new Error(`${ID} is not tested.`);
    const { logE, threshold } = computeCohortEvidence({ ...candidate.counts(), gateLogE: 0 });
    expect(logE + logEvidenceWith(bad)).toBeGreaterThan(Math.log(threshold));
    expect(logE + Math.log(100)).toBeLessThan(Math.log(threshold));
    const lent = drillDown({ index, exposed, failing, gate: bad }).held;
    expect(lent).toMatchObject([{ cohort: ID, provisional: true, input: { gateLogE: Math.log(100) } }]);
  });

  it("is not held when the failures are everywhere", () => {
    expect(drillDown({ index, exposed, failing: [1, 52, 118], gate: gate(3, 120) }).held).toEqual([]);
  });
});

describe("a cohort that is held provisionally", () => {
  const held = { held: [BAD], provisional: [ID] };
  const failing = ofModel(7, 3);

  it("stays held as long as the gate would hold with it", () => {
    const { superfluous, reviewed } = drillDown({ index, exposed: first(120), failing, ...held, gate: gate(0, 114) });
    expect(mayBeChance(gate(0, 114), { exposed: 3, failures: 3 })).toBe(false);
    expect([superfluous, cohorts(reviewed)]).toEqual([[], [ID]]);
    expect(reviewed[0]?.provisional).toBe(true);
  });

  it("is free once the rest has shown that its failures may be chance", () => {
    const exposed = [...first(400).filter((device) => device % 40 !== 7), ...ofModel(7, 12)];
    const { superfluous, reviewed } = drillDown({ index, exposed, failing, ...held, gate: gate(0, 900) });
    expect(superfluous).toEqual([{ cohort: ID, because: "chance", exposed: 12, failures: 3 }]);
    expect(reviewed).toEqual([]);
  });

  it("is held for good once its own evidence suffices, whatever the rest shows", () => {
    const exposed = first(400);
    const { superfluous, reviewed } = drillDown({
      ...{ index, exposed, failing: ofModel(7, 6), ...held, gate: gate(0, 2_000) },
    });
    expect(mayBeChance(gate(0, 2_000), { exposed: 10, failures: 6 })).toBe(true);
    expect(superfluous).toEqual([]);
    expect(reviewed).toMatchObject([{ cohort: ID, provisional: false }]);
  });

  it("is left alone where it was held for good", () => {
    const exposed = first(400);
    const { superfluous, reviewed } = drillDown({ index, exposed, failing, held: [BAD], gate: gate(0, 2_000) });
    expect([superfluous, reviewed]).toEqual([[], []]);
  });
});
