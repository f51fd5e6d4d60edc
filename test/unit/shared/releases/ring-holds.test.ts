import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import { exclusionsOf } from "../../../../shared/releases/exclusions.js";
import { applyRingEvent, type RingEvent } from "../../../../shared/releases/ring-events.js";
import { type RingState, ringAtStart } from "../../../../shared/releases/ring-state.js";
import { ringStep } from "../../../../shared/releases/ring-step.js";
import { confirmation, counts, pauseAt, planOf, ring, withEvents } from "./fixtures.js";

const plan = planOf("Ring1");
const at = plan.availableAt + HOUR_MS;
const held = (groupId = "g"): RingEvent => ({ type: "cohortHeld", at, groupId });
const released = (devices = 0, wave: number | null = null, groupId: string | null = "g"): RingEvent => ({
  type: "cohortReleased",
  at,
  groupId,
  devices,
  wave,
});

/** The ring after its next step, done and confirmed. */
function stepped(state: RingState): RingState {
  const event = confirmation(ringStep(state, at), at, state);
  if (event === undefined) throw new Error("Nothing to do.");
  return applyRingEvent(state, event);
}

/** A ring of one wave that has been offered whole. */
const offered = (): RingState => stepped(ring());
const measured = (): RingState => ringAtStart({ plan, uninstallWindowDays: 30, measured: true });
const granted = (wave: number, devices: number, last: boolean): RingEvent => ({
  type: "waveGranted",
  at,
  wave,
  grant: { devices, last },
});

describe("a ring and the cohorts that its release holds", () => {
  it("leaves out a cohort that was held before it opened, with its first offer", () => {
    const upcoming = withEvents(ring(), held());
    expect(ringStep(upcoming, at)).toMatchObject({ kind: "openWave" });
    expect(stepped(upcoming).excludedGroups).toEqual(["g"]);
  });

  it("leaves out one that is held later, once, also while it is paused", () => {
    const open = withEvents(offered(), held(), held());
    expect(ringStep(open, at)).toEqual({ kind: "exclude", groups: ["g"], wave: null });
    expect(ringStep(stepped(open), at).kind).toBe("wait");
    const paused = withEvents(offered(), { type: "tenantPaused", at, pause: pauseAt(at) });
    expect(ringStep(withEvents(paused, held()), at).kind).toBe("suspend");
    expect(ringStep(withEvents(paused, { type: "suspended", at }, held()), at).kind).toBe("exclude");
  });

  it("leaves out two cohorts, and lets in the one that is released", () => {
    const both = stepped(withEvents(offered(), held("a"), held("b")));
    expect(both.excludedGroups).toEqual(["a", "b"]);
    expect(ringStep(withEvents(both, released(0, null, "a")), at)).toEqual({
      kind: "exclude",
      groups: ["b"],
      wave: null,
    });
  });

  it("lets a released cohort in at once while waves are to come, which take its devices as any others", () => {
    const first = stepped(withEvents(ring("Ring1", { waves: [0.5, 0.5] }), held()));
    const next = withEvents(first, released(5));
    expect([next.readmits, exclusionsOf(next)]).toEqual([false, []]);
  });

  it("marks devices of a released cohort in a wave of their own before they are let in", () => {
    const freed = withEvents(stepped(withEvents(offered(), held())), released(5));
    expect(ringStep(freed, at)).toEqual({ kind: "openWave", wave: 1, devices: null, last: true });
    expect(exclusionsOf(freed)).toEqual(["g"]);
    const done = stepped(freed);
    expect([done.excludedGroups, done.readmits, done.offeredAt.length]).toEqual([[], false, 2]);
  });

  it("does so by the wave that the release grants for them, where it grants the waves", () => {
    const whole = stepped(withEvents(measured(), granted(0, 10, true)));
    const freed = withEvents(stepped(withEvents(whole, held())), released(5, 1));
    expect(ringStep(freed, at)).toEqual({ kind: "openWave", wave: 1, devices: 5, last: true });
    expect(exclusionsOf(freed)).toEqual(["g"]);
    expect(stepped(freed).excludedGroups).toEqual([]);
    expect(ringStep(withEvents(freed, { type: "held", at }), at)).toMatchObject({ kind: "wait", reason: "gate" });
  });

  it("offers exempt devices that wait, and goes on leaving the others out", () => {
    const freed = withEvents(stepped(withEvents(offered(), held())), released(1, null, null));
    const done = stepped(freed);
    expect([done.offeredAt.length, done.excludedGroups]).toEqual([2, ["g"]]);
  });

  it("is complete when 95 % of its devices that are not held are up to date", () => {
    const with_ = (held: number, upToDate: number) =>
      ringStep(withEvents(offered(), { type: "progress", at, counts: { ...counts(100, upToDate), held } }), at).kind;
    expect([with_(0, 90), with_(10, 85), with_(10, 86)]).toEqual(["wait", "wait", "finish"]);
  });

  it("that has completed still leaves out what is held, and marks what is released first", () => {
    const over = withEvents(offered(), { type: "finished", at });
    const holding = stepped(withEvents(over, held()));
    expect([holding.phase, holding.excludedGroups, ringStep(holding, at).kind]).toEqual(["ended", ["g"], "done"]);
    const freed = withEvents(holding, released(5));
    expect(ringStep(freed, at)).toEqual({ kind: "exclude", groups: [], wave: 1 });
    expect(stepped(freed)).toMatchObject({ phase: "ended", outcome: "completed", excludedGroups: [] });
    expect(stepped(freed).offeredAt).toHaveLength(2);
  });

  it("that was cancelled has nothing to leave out", () => {
    const cancelled = withEvents(offered(), { type: "cancelled", at }, { type: "withdrawn", at });
    expect(ringStep(withEvents(cancelled, held()), at)).toEqual({ kind: "done", outcome: "cancelled" });
  });
});
