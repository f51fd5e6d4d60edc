import { describe, expect, it } from "vitest";
import { answerOf, figuresIn } from "../../../../shared/what-if/answer.js";
import { defaultBase } from "../../../../shared/what-if/base.js";
import { caseOf, WhatIfCase } from "../../../../shared/what-if/cases.js";
import { fleetOf, modelFleet, orderOf } from "../../../../shared/what-if/fleet.js";
import { baseRateOf, NO_HISTORY } from "../../../../shared/what-if/history.js";
import { candidatesSchema, settleCandidates } from "../../../../shared/what-if/settings.js";
import { packFleet, unpackFleet } from "../../../../shared/what-if/snapshot.js";
import { chunkSize, runChunk, trialCount, type WhatIfInput } from "../../../../shared/what-if/trials.js";

const base = defaultBase();
const sizes = [25, 45, 145, 760, 25];
const fleet = modelFleet(
  base.rings.map(({ name }, ring) => ({ name, size: sizes[ring] ?? 0 })),
  1,
);

function settled(candidates: unknown) {
  const found = settleCandidates(base, candidatesSchema.parse(candidates));
  if ("problem" in found) throw new Error(`${found.problem.field}: ${found.problem.message}`);
  return found.candidates;
}

function input(candidates: unknown, months: number, seed = 1): WhatIfInput {
  return { seed, months, candidates: settled(candidates), fleet, history: NO_HISTORY, base };
}

const CALENDAR = { name: "Calendar", gate: { mode: "off" } };
const USUAL = { name: "Usual" };

describe("months of a what-if", () => {
  const one = input([USUAL, CALENDAR], 10);
  const whole = runChunk(one, 0, trialCount(one));

  it("are the same for the same seed and others for another", () => {
    expect(runChunk(one, 0, 20)).toEqual(whole);
    expect(runChunk(input([USUAL, CALENDAR], 10, 2), 0, 20)).not.toEqual(whole);
    expect(whole.map(({ month, candidate }) => [month, candidate])).toEqual(
      Array.from({ length: 20 }, (_, trial) => [Math.floor(trial / 2), trial % 2]),
    );
  });

  it("in chunks give the answer of the whole, in whatever order and however often these come", () => {
    const [a, b, c] = [runChunk(one, 0, 3), runChunk(one, 3, 4), runChunk(one, 4, 99)];
    expect([...a, ...b, ...c]).toEqual(whole);
    const answer = answerOf(one, whole);
    expect(answerOf(one, [...c, ...a, ...b, ...a])).toEqual(answer);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  it("go through every case in fixed shares", () => {
    const count = (kind: WhatIfCase, months: number) =>
      Array.from({ length: months }, (_, month) => caseOf(month, true)).filter((each) => each === kind).length;
    expect(Object.values(WhatIfCase).map((kind) => count(kind, 200))).toEqual([80, 30, 30, 30, 30]);
    expect(Object.values(WhatIfCase).map((kind) => count(kind, 5))).toEqual([1, 1, 1, 1, 1]);
    expect(caseOf(4, false)).toBe(WhatIfCase.healthy);
  });

  it("are the same months for every candidate: a setting without effect changes nothing", () => {
    const twice = runChunk(input([USUAL, { name: "Again" }], 5), 0, 10);
    for (let month = 0; month < 5; month++) expect({ ...twice[2 * month + 1], candidate: 0 }).toEqual(twice[2 * month]);
  });

  it("of a fleet that went through the table are those of the fleet", () => {
    const again = unpackFleet(packFleet(fleet));
    expect(again).toEqual(fleet);
    expect(runChunk({ ...one, fleet: again }, 0, 10)).toEqual(whole.slice(0, 10));
  });
});

describe("settings", () => {
  it("with less blast radius harm fewer devices, and the calendar alone most", () => {
    const compared = input(
      [{ name: "Wide", gate: { harmBound: 400 } }, { name: "Narrow", gate: { harmBound: 2 } }, CALENDAR],
      20,
    );
    const answer = answerOf(compared, runChunk(compared, 0, 60));
    for (const kind of [WhatIfCase.ten, WhatIfCase.two, WhatIfCase.cohort]) {
      const [wide, narrow, calendar] = answer.candidates.map((one) => figuresIn(one, kind)?.harmed?.mean ?? Number.NaN);
      expect(narrow).toBeLessThanOrEqual(wide ?? 0);
      expect(wide).toBeLessThan(calendar ?? 0);
    }
    const [wide, narrow, calendar] = answer.candidates.map(
      (one) => figuresIn(one, WhatIfCase.healthy)?.daysTo95?.mean ?? 0,
    );
    expect(wide).toBeLessThan(narrow ?? 0);
    expect(calendar).toBeLessThanOrEqual(wide ?? 0);
    expect(figuresIn(answer.candidates[2] as never, WhatIfCase.ten)?.paused?.hits).toBe(0);
  });

  it("open rings on their days and in their own waves", () => {
    const sooner = {
      name: "Sooner",
      gate: { mode: "off" },
      rings: { Ring3: { qualityDeferralDays: 2, qualityDeadlineDays: 0 } },
    };
    const staged = {
      name: "Staged",
      gate: { mode: "off" },
      rings: { Ring3: { waves: [0.5, 0.5], waveIntervalHours: 96 } },
    };
    const trials = runChunk(input([CALENDAR, sooner, staged], 1), 0, 3);
    const [calendar, early, late] = trials.map(({ daysTo95 }) => daysTo95);
    expect(early).toBeLessThan((calendar ?? 0) - 1);
    expect(late).toBeGreaterThan((calendar ?? 0) + 2);
    expect(trials.map(({ waves }) => waves)).toEqual([5, 5, 6]);
  });

  it("hold at lower evidence sooner", () => {
    const compared = input([USUAL, { name: "Nervous", gate: { holdEvidence: 1.5, alpha: 0.2 } }], 20);
    const answer = answerOf(compared, runChunk(compared, 0, 40));
    const [usual, nervous] = answer.candidates.map((one) => figuresIn(one, WhatIfCase.ten)?.harmed?.mean ?? 0);
    expect(nervous).toBeLessThan(usual ?? 0);
  });

  it.each([
    [[{ name: "A" }, { name: "A" }], "candidates[1].name"],
    [[{ name: "A", rings: { Ring9: {} } }], "candidates[0].rings.Ring9"],
    [[{ name: "A", rings: { Ring1: { waves: [0.5, 0.4] } } }], "candidates[0].rings.Ring1.waves"],
    [[{ name: "A", gate: { alpha: 0.2, holdEvidence: 5 } }], "candidates[0].gate.holdEvidence"],
  ])("that cannot be are refused by field: %j", (candidates, field) => {
    const found = settleCandidates(base, candidatesSchema.parse(candidates));
    expect("problem" in found && found.problem.field).toBe(field);
  });

  it.each([
    [[]],
    [Array.from({ length: 5 }, (_, nth) => ({ name: `${nth}` }))],
    [[{ name: "" }]],
    [[{ name: "A", gate: { alpha: 0.5 } }]],
    [[{ name: "A", gate: { mode: "advise" } }]],
    [[{ name: "A", rings: { Test: { deferral: 1 } } }]],
  ])("outside the limits are none: %j", (candidates) => {
    expect(candidatesSchema.safeParse(candidates).success).toBe(false);
  });
});

describe("a bad cohort", () => {
  it("is held by itself while the others get the update", () => {
    const compared = input([USUAL], 40);
    const cohorts = Array.from({ length: 40 }, (_, month) => month).filter(
      (month) => caseOf(month, true) === "bad cohort",
    );
    const big = modelFleet(
      base.rings.map(({ name }, ring) => ({ name, size: 10 * (sizes[ring] ?? 0) })),
      1,
    );
    const trials = cohorts.flatMap((month) => runChunk({ ...compared, fleet: big }, month, month + 1));
    const exact = trials.filter((trial) => trial.exact && trial.daysTo95 < 40);
    expect(exact.length).toBeGreaterThanOrEqual(3);
    for (const { cohortDevices } of exact) {
      expect(cohortDevices).toBeGreaterThan(300);
      expect(cohortDevices).toBeLessThan(800);
    }
  });

  it("is none in a fleet without attributes: its months are healthy ones", () => {
    const plain = fleetOf(base.rings.map(({ name }) => ({ name, devices: [{}, {}] })));
    const answer = answerOf(
      { ...input([USUAL], 5), fleet: plain },
      runChunk({ ...input([USUAL], 5), fleet: plain }, 0, 5),
    );
    expect(answer.candidates[0]?.cases.map(({ months }) => months)).toEqual([2, 1, 1, 1, 0]);
  });
});

describe("a fleet", () => {
  it("is offered to ring by ring, each device once, in another order every other month", () => {
    const order = orderOf(fleet, 0);
    let start = 0;
    for (const { size } of fleet.rings) {
      const ring = [...order.subarray(start, start + size)].sort((a, b) => a - b);
      expect(ring).toEqual(Array.from({ length: size }, (_, place) => start + place));
      start += size;
    }
    expect(orderOf(fleet, 1)).not.toEqual(order);
  });

  it("leaves out rings without devices", () => {
    const some = fleetOf([
      { name: "Test", devices: [] },
      { name: "Last", devices: [{ model: "A" }] },
    ]);
    expect(some).toMatchObject({ rings: [{ name: "Last", size: 1 }], index: { size: 1 } });
  });
});

it("the base rate is that whose reports show as the learned rate, and drifts as it did", () => {
  const history = { ...NO_HISTORY, deployments: 6, p0: 0.01 };
  const rate = baseRateOf(history, 1);
  expect((0.85 * rate) / (0.85 * rate + 0.98 * (1 - rate))).toBeCloseTo(0.01, 10);
  expect(baseRateOf(NO_HISTORY, 1)).toBe(0.002);
  const rates = Array.from({ length: 400 }, (_, seed) => baseRateOf({ ...history, p0Variation: 0.3 }, seed));
  const mean = rates.reduce((sum, one) => sum + one, 0) / 400;
  const sd = Math.sqrt(rates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 399);
  expect(mean / rate).toBeCloseTo(1, 1);
  expect(sd / mean).toBeCloseTo(0.3, 1);
});

it("chunks are small for large fleets and never empty", () => {
  expect([8, 50_000, 1_000_000].map(chunkSize)).toEqual([99, 16, 1]);
});
