import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../../../shared/calendar/days.js";
import { applyRingEvent, type RingEvent } from "../../../../shared/releases/ring-events.js";
import type { RingState } from "../../../../shared/releases/ring-state.js";
import { type RingAction, ringStep } from "../../../../shared/releases/ring-step.js";
import { B, confirmation, counts, pauseAt, ring } from "./fixtures.js";

type Move = { readonly hours: number; readonly what: string; readonly share: number };

const moves = fc.array(
  fc.record({
    hours: fc.nat(120),
    what: fc.constantFrom<string[]>(
      "step",
      "step",
      "step",
      "tenantPaused",
      "servicePaused",
      "extended",
      "resumeTenant",
      "resumeService",
      "rollBack",
      "cancelled",
      "superseded",
      "held",
      "released",
      "progress",
    ),
    share: fc.nat(100),
  }),
  { maxLength: 60 },
);

/** The same with cohorts that are held and released. */
const withHolds = fc
  .tuple(moves, fc.array(fc.tuple(fc.nat(59), fc.constantFrom("cohortHeld", "cohortReleased"), fc.nat(2))))
  .map(([played, changes]) => {
    const all = [...played];
    for (const [place, what, share] of changes) all.splice(place, 0, { hours: 1, what, share });
    return all;
  });

function eventOf({ what, share }: Move, at: number): RingEvent {
  switch (what) {
    case "tenantPaused":
      return { type: what, at, pause: pauseAt(at) };
    case "servicePaused":
      return { type: what, at, pause: { since: at, reason: "gate" } };
    case "resumeTenant":
      return { type: "resumed", at, lifts: "tenant" };
    case "resumeService":
      return { type: "resumed", at, lifts: "service" };
    case "progress":
      return { type: what, at, counts: counts(100, share) };
    case "cohortHeld":
      return { type: what, at, groupId: `hold ${share}` };
    case "cohortReleased":
      return { type: what, at, groupId: `hold ${share}`, devices: share, wave: null };
    default:
      return { type: what as "extended" | "rollBack" | "cancelled" | "superseded" | "held" | "released", at };
  }
}

interface Seen {
  readonly at: number;
  readonly before: RingState;
  readonly after: RingState;
  readonly action?: RingAction;
  readonly event?: RingEvent;
}

/** Plays moves on a ring the way its orchestrator would and calls `check` after each change. */
function play(played: readonly Move[], check: (seen: Seen) => void): void {
  let state = ring("Ring1", { waves: [0.2, 0.3, 0.5] });
  let at = B;
  for (const move of played) {
    at += move.hours * HOUR_MS;
    const before = state;
    const action = move.what === "step" ? ringStep(state, at) : undefined;
    const event = action === undefined ? eventOf(move, at) : confirmation(action, at, state);
    if (event !== undefined) state = applyRingEvent(state, event);
    check({ at, before, after: state, ...(action ? { action } : {}), ...(event ? { event } : {}) });
  }
}

const law = (check: (seen: Seen) => void, any: fc.Arbitrary<readonly Move[]> = moves) =>
  fc.assert(
    fc.property(any, (played) => play(played, check)),
    { numRuns: 400 },
  );

describe("whatever happens to a ring", () => {
  it("only the tenant, or the limit of 35 days, lifts a tenant pause", () => {
    law(({ before, after, event, at }) => {
      if (before.pauses.tenant === null || after.pauses.tenant !== null) return;
      const byTenant = event?.type === "resumed" && event.lifts === "tenant";
      expect(byTenant || before.pauses.tenant.until <= at).toBe(true);
    });
  });

  it("nothing is offered while it is paused, held, ending, rolling back or over", () => {
    law(({ before, action, at }) => {
      if (action?.kind !== "openWave" && action?.kind !== "approve") return;
      expect(before.pauses.service).toBeNull();
      expect((before.pauses.tenant?.until ?? at) <= at).toBe(true);
      expect(before.ending).toBeNull();
      expect(["upcoming", "active"]).toContain(before.phase);
      if (action.kind === "openWave") expect(before.held).toBe(false);
    });
  });

  it("nothing but a rollback after completion ever leaves the end", () => {
    law(({ before, after, event, action }) => {
      if (before.phase !== "ended") return;
      if (action !== undefined) expect(action.kind).toBe("done");
      if (after.phase === "ended") expect(after.outcome).toBe(before.outcome);
      else expect([event?.type, before.outcome]).toEqual(["rollBack", "completed"]);
    });
  });

  it("waves open in order, a wave interval apart, and not before the ring's date", () => {
    law(({ after }) => {
      const { offeredAt, plan } = after;
      expect(offeredAt.length).toBeLessThanOrEqual(plan.waves.length);
      expect(offeredAt[0] ?? plan.availableAt).toBeGreaterThanOrEqual(plan.availableAt);
      offeredAt.slice(1).forEach((at, index) => {
        expect(at - (offeredAt[index] ?? 0)).toBeGreaterThanOrEqual(plan.waveIntervalHours * HOUR_MS);
      });
    });
  });

  it("nothing is offered without leaving out every held cohort, and none is left out for good", () => {
    law(({ before, after, action }) => {
      if (action?.kind === "openWave" || action?.kind === "approve") {
        expect(after.excludedGroups).toEqual(expect.arrayContaining([...before.holdGroups]));
      }
      if (action?.kind === "finish" || action?.kind === "done") {
        const offers = after.outcome === "completed";
        if (offers) expect(new Set(after.excludedGroups)).toEqual(new Set(after.holdGroups));
      }
    }, withHolds);
  });

  it("devices of a released hold are marked as offered before the ring's own group lets them in", () => {
    law(({ before, after, action, event }) => {
      const freed = before.excludedGroups.filter((id) => !after.excludedGroups.includes(id));
      const everybody = before.offeredAt.length >= before.plan.waves.length;
      if (event === undefined || freed.length === 0 || !everybody || !before.readmits) return;
      expect(action).toMatchObject({ kind: "openWave", last: true });
    }, withHolds);
  });

  it("a wait is for a time to come, and survives a trip through JSON", () => {
    law(({ after, at }) => {
      const step = ringStep(after, at);
      if (step.kind === "wait" && step.until !== null) expect(step.until).toBeGreaterThan(at);
      expect(ringStep(JSON.parse(JSON.stringify(after)), at)).toEqual(step);
    });
  });

  it("its end is reached by following its steps once everybody lets go", () => {
    fc.assert(
      fc.property(moves, (played) => {
        let last: RingState | undefined;
        let at = B;
        play(played, (seen) => {
          last = seen.after;
          at = seen.at;
        });
        let state = applyRingEvent(last ?? ring(), { type: "resumed", at, lifts: "service" });
        state = applyRingEvent(state, { type: "released", at });
        for (let guard = 0; guard < 30 && state.phase !== "ended"; guard++) {
          const step = ringStep(state, at);
          if (step.kind === "wait") at = step.until ?? addDays(at, 1);
          const event = confirmation(step, at);
          if (event !== undefined) state = applyRingEvent(state, event);
        }
        expect(state.phase).toBe("ended");
      }),
      { numRuns: 400 },
    );
  });
});
