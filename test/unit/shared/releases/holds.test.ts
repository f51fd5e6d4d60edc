import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import { computeCohortEvidence } from "../../../../shared/cohorts/evidence.js";
import { defaultArrivals } from "../../../../shared/gate/arrivals.js";
import type { GateStep } from "../../../../shared/gate/evidence.js";
import type { DeviceRow } from "../../../../shared/ledger/index.js";
import { advanceRelease } from "../../../../shared/releases/advance.js";
import {
  examinationDue,
  examinationOf,
  examineDevices,
  withExamination,
  withExamined,
} from "../../../../shared/releases/examination.js";
import { holdDevices } from "../../../../shared/releases/hold-devices.js";
import { holdsView } from "../../../../shared/releases/hold-view.js";
import {
  afterEnd,
  applyHoldCommand,
  type CohortHold,
  type HoldCommand,
  holdsInForce,
  holdsOutlive,
  isTrusted,
  provisionalHolds,
  unsettledHolds,
} from "../../../../shared/releases/holds.js";
import { withSettled } from "../../../../shared/releases/settled-holds.js";
import type { Release } from "../../../../shared/releases/store.js";
import { releaseOf } from "./fixtures.js";

const NOW = Date.parse("2024-06-13T17:00:00Z");
const NOTHING = { held: [], provisional: [], gate: null, released: [], uninstalled: [] };

/** Device n of 400: every tenth is of the bad model; the first 200 have reported, bad ones among them failed. */
function devices(change: (n: number, row: DeviceRow) => Partial<DeviceRow> = () => ({})): DeviceRow[] {
  return Array.from({ length: 400 }, (_, n) => {
    const bad = n % 10 === 0;
    const reported = n < 200;
    const row: DeviceRow = {
      deviceId: `d${n}`,
      objectId: `o${n}`,
      ring: n < 50 ? "Test" : "Ring1",
      state: !reported ? "notOffered" : bad && n < 100 ? "failed" : "upToDate",
      ...(reported ? { wave: 0, offeredAt: iso(NOW - 48 * HOUR_MS), reportedAt: iso(NOW - 24 * HOUR_MS) } : {}),
      holds: [],
      attempt: 1,
      attributes: { model: bad ? "bad" : `good ${n % 3}`, parity: n % 2 ? "odd" : "even" },
      log: [],
    };
    return { ...row, ...change(n, row) };
  });
}

/** The ring Test, offered two days ago. */
function step(counts: { failures: number; resolved: number }): GateStep {
  const offeredAt = NOW - 48 * HOUR_MS;
  return { ring: "Test", wave: 0, offered: 50, offeredAt, arrivals: defaultArrivals(0), ...counts };
}

const iso = (at: number): string => new Date(at).toISOString();

/** An enforcing release that holds the bad model, as far as ledger and directory are concerned. */
function holding(mode: "enforce" | "advise" = "enforce"): Release {
  const release = releaseOf(mode, NOW);
  return withExamination(release, examineDevices(devices(), NOTHING), NOW).release;
}

function only(release: Release): CohortHold {
  const [hold, ...others] = release.holds;
  if (hold === undefined || others.length > 0) throw new Error(`${release.holds.length} holds`);
  return hold;
}

function settled(release: Release, at = NOW) {
  const hold = only(release);
  const { rings, reported } = holdDevices(hold, devices(), []);
  return withSettled(release, hold, { groupId: "hold group", rings, reported }, at);
}

describe("an examination of cohorts", () => {
  it("finds the one that fails, with evidence that can be computed again to the bit", () => {
    const { found, superfluous } = examineDevices(devices(), NOTHING);
    expect(found.map(({ cohort }) => cohort)).toEqual(["model=bad"]);
    expect(found[0]?.input).toMatchObject({ devices: 40, exposed: 200, cohortExposed: 20, cohortFailures: 10 });
    expect(found.map(({ input }) => computeCohortEvidence(input))).toEqual(found);
    expect(superfluous).toEqual([]);
  });

  it("does not find again what is held", () => {
    expect(examineDevices(devices(), { ...NOTHING, held: ["model=bad"] }).found).toEqual([]);
  });

  it("takes an ordered rollback for no failure", () => {
    const rolledBack = devices((_, { state }) => (state === "failed" ? { state: "rolledBack" } : {}));
    expect(examineDevices(rolledBack, NOTHING).found).toHaveLength(1);
    expect(examineDevices(rolledBack, { ...NOTHING, uninstalled: ["Test", "Ring1"] }).found).toEqual([]);
  });

  it("forgets what had been reported when a person released the cohort, and counts what comes after", () => {
    const released = [{ cohort: "model=bad", at: NOW }];
    expect(examineDevices(devices(), { ...NOTHING, released }).found).toEqual([]);
    const later = devices((_, { state }) => (state === "failed" ? { reportedAt: iso(NOW + HOUR_MS) } : {}));
    expect(examineDevices(later, { ...NOTHING, released }).found).toHaveLength(1);
  });

  it("is due when failures are about to hold the release, and again only when more have failed", () => {
    const release = releaseOf("enforce", NOW);
    expect(examinationDue(release, [step({ failures: 0, resolved: 40 })], NOW)).toBeNull();
    const steps = [step({ failures: 3, resolved: 40 })];
    expect(examinationDue(release, steps, NOW)).not.toBeNull();
    const examined = withExamined(release, steps);
    expect(examinationDue(examined, steps, NOW)).toBeNull();
    expect(examinationDue(examined, [step({ failures: 4, resolved: 40 })], NOW)).not.toBeNull();
    expect(examinationDue(releaseOf("off", NOW), steps, NOW)).toBeNull();
    const paused = {
      ...release,
      state: { ...release.state, gate: { ...release.state.gate, decision: "pause" as const } },
    };
    expect(examinationDue(paused, steps, NOW)).toBeNull();
  });

  it("holds the cohort and says so, with everything that the decision rests on", () => {
    const { release, decisions } = withExamination(releaseOf("enforce", NOW), examineDevices(devices(), NOTHING), NOW);
    expect(holdsInForce(release)).toMatchObject([{ cohort: "model=bad", since: NOW, ended: null }]);
    expect(unsettledHolds(release)).toHaveLength(1);
    expect(decisions).toMatchObject([
      { by: "cohorts", verdict: "hold", enforced: true, evidence: { cohort: "model=bad", method: "cohorts/3" } },
    ]);
    expect(only(release).id).toMatch(/^\d{8}$/);
  });

  it("holds nothing where the gate only advises, and does not repeat its advice", () => {
    const release = holding("advise");
    expect([holdsInForce(release), unsettledHolds(release)]).toEqual([[], []]);
    expect(holdsView(release).value).toMatchObject([{ cohort: "model=bad", status: "advised", inWords: "model bad" }]);
  });

  it("confirms a provisional hold once its own evidence suffices, and looks again when it may be chance", () => {
    const release = holding();
    const [hold] = release.holds;
    if (hold === undefined) throw new Error("There is no hold.");
    const early = { ...release, holds: [{ ...hold, evidence: { ...hold.evidence, provisional: true } }] };
    expect(holdsView(early).value).toMatchObject([{ status: "inForce", provisional: true }]);
    expect(provisionalHolds(early).map(({ id }) => id)).toEqual([hold.id]);
    expect(examinationDue(early, [step({ failures: 0, resolved: 40 })], NOW)).toBeNull();
    const many = { ...step({ failures: 0, resolved: 9_000 }), offered: 9_000 };
    const gate = examinationDue(early, [many], NOW);
    expect(gate).toMatchObject({ failures: 0, nEff: 9_000, holdEvidence: 5 });
    expect(examinationDue(release, [many], NOW)).toBeNull();
    const again = withExamination(early, examineDevices(devices(), examinationOf(early, [], gate)), NOW + HOUR_MS);
    expect(only(again.release)).toMatchObject({ ended: null, evidence: { provisional: false }, settled: false });
    expect(again.decisions).toMatchObject([{ by: "cohorts", verdict: "confirm", previous: "hold" }]);
    expect(holdsView(again.release).value).toMatchObject([{ provisional: false }]);
    const twoFailed = devices((n, { state }) => (state === "failed" && n > 10 ? { state: "upToDate" } : {}));
    const over = withExamination(early, examineDevices(twoFailed, examinationOf(early, [], gate)), NOW + HOUR_MS);
    expect(only(over.release)).toMatchObject({ ended: { because: "superfluous" } });
    expect(over.decisions).toMatchObject([{ verdict: "release", evidence: { because: "chance", failures: 2 } }]);
  });

  it("ends a hold that another one has made superfluous", () => {
    const superfluous = [{ cohort: "model=bad", because: "covered", exposed: 0, failures: 0 }] as const;
    const { release, decisions } = withExamination(
      holding(),
      { found: [], advice: [], reviewed: [], superfluous },
      NOW,
    );
    expect(only(release)).toMatchObject({ ended: { because: "superfluous" }, settled: false });
    expect(decisions).toMatchObject([{ by: "cohorts", verdict: "release" }]);
  });
});

describe("the devices of a hold", () => {
  it("are all of the cohort, but exempt ones, ring by ring", () => {
    const { held, free, rings } = holdDevices({ ...only(holding()), exempt: ["d300"] }, devices(), []);
    expect([held.length, free.map(({ deviceId }) => deviceId)]).toEqual([39, ["d300"]]);
    expect(rings).toEqual({
      Test: { held: 5, exempt: 0, waiting: 0 },
      Ring1: { held: 34, exempt: 1, waiting: 1 },
    });
  });

  it("wait for an offer once it is over, unless another reason keeps them", () => {
    const ended = { at: NOW, by: "Ada", because: "released" } as const;
    const rows = devices((n) =>
      n === 300 ? { holds: ["cohort:model=bad", "person:x"] } : { holds: ["cohort:model=bad"] },
    );
    const { held, rings, reported } = holdDevices({ ...only(holding()), ended }, rows, []);
    expect(held).toEqual([]);
    expect(rings.Ring1?.waiting).toBe(19);
    expect(reported).toEqual({ failures: 10, reports: 20 });
  });
});

describe("a hold that ledger and directory have", () => {
  it("is told to every ring with its group", () => {
    const { release, letters } = settled(holding());
    expect(letters.map(({ ring, event }) => [ring, event.type])).toEqual(
      ["Test", "Ring1", "Ring2", "Ring3", "Last"].map((ring) => [ring, "cohortHeld"]),
    );
    expect(letters[0]?.event).toMatchObject({ groupId: "hold group" });
    expect(only(release)).toMatchObject({
      settled: true,
      groupId: "hold group",
      rings: { Test: { held: 5, exempt: 0 } },
    });
  });

  it("is not told to rings that were cancelled or rolled back", () => {
    const release = holding();
    const rings = release.state.rings.map((view, n) =>
      n < 2
        ? { ...view, phase: "ended" as const, outcome: n === 0 ? ("completed" as const) : ("rolledBack" as const) }
        : view,
    );
    const { letters } = settled({ ...release, state: { ...release.state, rings } });
    expect(letters.map(({ ring }) => ring)).toEqual(["Test", "Ring2", "Ring3", "Last"]);
  });

  it("released by a person accepts what its devices have reported, and leaves the verdict alone", () => {
    const { release } = settled(holding());
    const command = {
      kind: "releaseHold",
      at: NOW,
      by: "Ada",
      holdId: only(release).id,
      justification: "fixed",
    } as const;
    const released = { ...release, holds: applyHoldCommand(release, command) };
    const after = settled(released, NOW + HOUR_MS);
    expect(after.release.state.gate).toMatchObject({ decision: "continue", accepted: { failures: 10, exposure: 20 } });
    expect(after.letters.map(({ event }) => event)).toContainEqual({
      type: "cohortReleased",
      at: NOW + HOUR_MS,
      groupId: "hold group",
      devices: 20,
      wave: null,
    });
    expect(only(after.release)).toMatchObject({
      ended: { by: "Ada", justification: "fixed" },
      rings: { Test: { held: 5 } },
    });
  });

  it("grants a wave for its devices to a ring that has been granted its last", () => {
    const { release } = settled(holding());
    const last = { ring: "Ring1", wave: 0, devices: 100, last: true, at: NOW };
    const command = { kind: "releaseHold", at: NOW, by: "Ada", holdId: only(release).id } as const;
    const released = { ...release, grants: [last], holds: applyHoldCommand(release, command) };
    const after = settled(released, NOW + HOUR_MS);
    expect(after.release.grants).toEqual([
      last,
      { ring: "Ring1", wave: 1, devices: 20, last: true, at: NOW + HOUR_MS },
    ]);
    expect(after.letters.find(({ ring }) => ring === "Ring1")?.event).toMatchObject({ wave: 1, devices: 20 });
  });

  it("tells rings of exempt devices only where these wait", () => {
    const { release } = settled(holding());
    const command = {
      kind: "exemptDevices",
      at: NOW,
      by: "Ada",
      holdId: only(release).id,
      deviceIds: ["D300"],
    } as const;
    const exempted = { ...release, holds: applyHoldCommand(release, command) };
    const { letters } = settled(exempted, NOW + HOUR_MS);
    expect(letters.map(({ ring, event }) => [ring, event])).toEqual([
      ["Ring1", { type: "cohortReleased", at: NOW + HOUR_MS, groupId: null, devices: 1, wave: null }],
    ]);
  });
});

describe("commands about holds", () => {
  const release = settled(holding()).release;
  const { id: holdId } = only(release);
  const about = { at: NOW, by: "Ada", holdId };

  it("exempt devices once, and take that back", () => {
    const once = applyHoldCommand(release, { kind: "exemptDevices", ...about, deviceIds: ["d1", "D1", "d0"] });
    expect(once[0]).toMatchObject({ exempt: ["d0", "d1"], settled: false });
    const back = applyHoldCommand(
      { ...release, holds: once },
      { kind: "withdrawExemption", ...about, deviceIds: ["d0"] },
    );
    expect(back[0]?.exempt).toEqual(["d1"]);
  });

  it("refuse an unknown hold, one that is over, one that is only advised, and too many exemptions", () => {
    const refusal = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        return error;
      }
    };
    const releaseHold = { kind: "releaseHold", ...about } as const;
    expect(refusal(() => applyHoldCommand(release, { ...releaseHold, holdId: "1" }))).toMatchObject({
      code: "not_found",
      field: "holdId",
    });
    const over = { ...release, holds: applyHoldCommand(release, releaseHold) };
    expect(refusal(() => applyHoldCommand(over, releaseHold))).toMatchObject({ code: "conflict" });
    const advised = holding("advise");
    expect(refusal(() => applyHoldCommand(advised, { ...releaseHold, holdId: only(advised).id }))).toMatchObject({
      code: "conflict",
    });
    const deviceIds = Array.from({ length: 1_001 }, (_, n) => `d${n}`);
    expect(refusal(() => applyHoldCommand(release, { kind: "exemptDevices", ...about, deviceIds }))).toMatchObject({
      code: "rule_violated",
      field: "deviceIds",
    });
  });

  it("give a cohort that is held again a new number", () => {
    const over = { ...release, holds: applyHoldCommand(release, { kind: "releaseHold", ...about }) };
    const again = withExamination(over, examineDevices(devices(), NOTHING), NOW + HOUR_MS).release;
    expect(again.holds).toHaveLength(2);
    expect(new Set(again.holds.map(({ id }) => id)).size).toBe(2);
  });
});

describe("a release that hears of a decision about a hold", () => {
  const { release } = settled(holding());
  const nobody = { begun: { started: 0, silent: [] }, checkIns: null };
  const news = { ...nobody, rings: [], steps: [], offers: [], offered: 0, rolledBack: 0 };
  const heard = (from: Release, command: HoldCommand) => {
    const commands = [{ key: "k", actor: { id: "a", name: "Ada" }, command }];
    return advanceRelease(from, { ...news, commands }, NOW);
  };
  const over = { kind: "releaseHold", at: NOW, by: "Ada", holdId: only(release).id, justification: "x" } as const;

  it("has it carried out, and closes anew if it has ended", () => {
    const ended = { ...release, closed: true, state: { ...release.state, phase: "ended" as const } };
    const after = heard(ended, over);
    expect([unsettledHolds(after.release).length, after.release.closed, after.refused]).toEqual([1, false, []]);
    expect(after.applied).toMatchObject([{ key: "k" }]);
  });

  it("refuses what crossed another decision", () => {
    const again = heard(heard(release, over).release, over);
    expect(again.refused).toMatchObject([{ command: { key: "k" }, reason: expect.stringContaining("released") }]);
  });
});

describe("holds at the end of a release", () => {
  const ended = (outcome: "completed" | "cancelled" | "superseded") => {
    const { release } = settled(holding());
    return { ...release, state: { ...release.state, phase: "ended" as const, outcome } };
  };

  it("outlive one that stays in its rings, until a newer update is there", () => {
    const completed = ended("completed");
    expect([isTrusted(completed), holdsOutlive(completed), afterEnd(completed, NOW)]).toEqual([
      true,
      true,
      { closed: true },
    ]);
    const holds = applyHoldCommand(completed, { kind: "supersedeHolds", at: NOW, by: "r2" });
    const superseded = { ...completed, holds };
    expect([isTrusted(superseded), holdsOutlive(superseded)]).toEqual([false, false]);
    expect(holdsView(superseded).value).toMatchObject([{ status: "superseded" }]);
  });

  it("are over where nobody is offered it any more", () => {
    const cancelled = ended("cancelled");
    expect(holdsOutlive(cancelled)).toBe(false);
    expect(afterEnd(cancelled, NOW)).toMatchObject({
      closed: true,
      holds: [{ ended: { because: "releaseEnded" }, settled: true }],
    });
  });
});
