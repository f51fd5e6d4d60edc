import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { applyRingEvent } from "../shared/releases/ring-events.js";
import { type RingAction, ringStep } from "../shared/releases/ring-step.js";
import type { ReleaseRing } from "../shared/releases/store.js";
import { loadRing, observeRing, type RingRef, recordRing, ringRef } from "./activities/ring.js";
import { type Durable, isLong, Mailbox, nowOf, type Orchestration, orchestration } from "./durable.js";
import { RING, WAKE } from "./names.js";
import { perform, retarget } from "./ring-acts.js";

/** A ring looks again at least this often, should every event have been lost; its release does so more often. */
const BACKSTOP_HOURS = 24;
/** A rollback looks more often: what Intune says of silent devices comes with no event. */
const ROLLBACK_LOOK_HOURS = 6;
/** Wait before a failed action is tried again. */
const PROBLEM_HOURS = 1;

/** Carries one deployment ring of a release: waits for its date, opens its waves, pauses, rolls back, completes. */
orchestration({
  name: RING,
  input: ringRef,
  *run(ctx, ref) {
    const mailbox = new Mailbox(ctx, WAKE);
    let ring = yield* loadRing(ctx, ref);
    while (!isLong(ctx)) {
      const heard = yield* attempt(ctx, ring, catchUp(ctx, ref, ring));
      ring = heard.ring;
      const action = ringStep(ring.state, nowOf(ctx));
      ctx.df.setCustomStatus({ phase: ring.state.phase, next: action.kind });
      if (action.kind === "done") return action.outcome;
      if (action.kind !== "wait") ring = (yield* attempt(ctx, ring, act(ctx, ref, ring, action))).ring;
      else if (heard.ok) ring = yield* save(ctx, ring, withProblem(ring, null, nowOf(ctx)));
      const next = untilNext(ring, action, nowOf(ctx));
      if (next !== undefined) yield* mailbox.next(next);
    }
    ctx.df.continueAsNew(ref);
    return undefined;
  },
});

/** A step that fails leaves the ring where it was; the failure shows as policy error, and the step is tried again. */
function* attempt(
  ctx: Orchestration,
  ring: ReleaseRing,
  step: Durable<ReleaseRing>,
): Durable<{ ring: ReleaseRing; ok: boolean }> {
  try {
    return { ring: yield* step, ok: true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ring: yield* save(ctx, ring, withProblem(ring, error.message, nowOf(ctx))), ok: false };
  }
}

function withProblem(ring: ReleaseRing, message: string | null, at: number): ReleaseRing {
  return { ...ring, state: applyRingEvent(ring.state, { type: "policyError", at, message }) };
}

function* catchUp(ctx: Orchestration, ref: RingRef, ring: ReleaseRing): Durable<ReleaseRing> {
  const rollingBack = ring.state.phase === "rollingBack";
  const news = yield* observeRing(ctx, { ...ref, seen: [...ring.seen], rollingBack });
  // A ring that has started keeps its settings until the next cycle (autopatch.md §5.4).
  const settings = ring.state.phase === "upcoming" ? (news.settings ?? ring.settings) : ring.settings;
  const state = news.events.reduce(applyRingEvent, ring.state);
  const { target } = news;
  const moved = target === undefined ? ring : yield* retarget(ctx, { ...ref, revision: ring.revision }, ring, target);
  return yield* save(ctx, ring, { ...moved, settings, state, seen: [...ring.seen, ...news.seen] });
}

/** Undefined: there is more to do at once. */
function untilNext(ring: ReleaseRing, action: RingAction, now: number): number | undefined {
  if (ring.state.policyError !== null) return now + PROBLEM_HOURS * HOUR_MS;
  if (action.kind !== "wait") return undefined;
  const hours = ring.state.phase === "rollingBack" ? ROLLBACK_LOOK_HOURS : BACKSTOP_HOURS;
  return Math.min(action.until ?? Number.POSITIVE_INFINITY, now + hours * HOUR_MS);
}

/** Performs an action and applies the event that confirms it. */
function* act(ctx: Orchestration, ref: RingRef, ring: ReleaseRing, action: RingAction): Durable<ReleaseRing> {
  const done = yield* perform(ctx, { ...ref, revision: ring.revision }, ring, action);
  return yield* save(ctx, ring, withProblem(done, null, nowOf(ctx)));
}

/** Saves what changed; an ended ring notes when. */
function* save(ctx: Orchestration, before: ReleaseRing, after: ReleaseRing): Durable<ReleaseRing> {
  const endedAt = after.state.phase === "ended" ? (after.endedAt ?? nowOf(ctx)) : null;
  if (JSON.stringify(before) === JSON.stringify({ ...after, endedAt })) return before;
  const ring = { ...after, endedAt, revision: before.revision + 1 };
  // The release waits for the last word of a ring that has ended, which it has said once it has read its letters.
  const lastWord = ring.state.phase === "ended" && ring.seen.length > before.seen.length;
  const moved = before.state.plan.availableAt !== ring.state.plan.availableAt;
  const was = before.state.phase;
  yield* recordRing(ctx, { ring, was, tell: was !== ring.state.phase || moved || lastWord });
  return ring;
}
