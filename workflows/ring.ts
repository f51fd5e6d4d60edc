import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { applyRingEvent, type RingEvent } from "../shared/releases/ring-events.js";
import { type RingAction, ringStep } from "../shared/releases/ring-step.js";
import type { ReleaseRing } from "../shared/releases/store.js";
import {
  assignWaves,
  fillWaveGroup,
  loadRing,
  markWaveOffered,
  observeRing,
  openReleasePolicy,
  type RingRef,
  recordRing,
  ringRef,
  setApproval,
  startRollBack,
  withdrawFromRing,
} from "./activities/ring.js";
import { type Durable, Mailbox, nowOf, type Orchestration, orchestration } from "./durable.js";
import { RING, WAKE } from "./names.js";

/** Steps of one generation, so that the history stays short whatever the length of the release. */
const STEPS = 12;
/** A ring looks again at least this often, should every event have been lost. */
const BACKSTOP_HOURS = 6;
/** Wait before a failed action is tried again. */
const PROBLEM_HOURS = 1;

/** Carries one deployment ring of a release: waits for its date, opens its waves, pauses, rolls back, completes. */
orchestration({
  name: RING,
  input: ringRef,
  *run(ctx, ref) {
    const mailbox = new Mailbox(ctx, WAKE);
    let ring = yield* loadRing(ctx, ref);
    for (let step = 0; step < STEPS; step++) {
      ring = yield* catchUp(ctx, ref, ring);
      const action = ringStep(ring.state, nowOf(ctx));
      ctx.df.setCustomStatus({ phase: ring.state.phase, next: action.kind });
      if (action.kind === "done") return action.outcome;
      if (action.kind !== "wait") ring = yield* act(ctx, ref, ring, action);
      const next = untilNext(ring, action, nowOf(ctx));
      if (next !== undefined) yield* mailbox.next(next);
    }
    ctx.df.continueAsNew(ref);
    return undefined;
  },
});

function* catchUp(ctx: Orchestration, ref: RingRef, ring: ReleaseRing): Durable<ReleaseRing> {
  const news = yield* observeRing(ctx, { ...ref, seen: [...ring.seen] });
  // A ring that has started keeps its settings until the next cycle (autopatch.md §5.4).
  const settings = ring.state.phase === "upcoming" ? (news.settings ?? ring.settings) : ring.settings;
  const state = news.events.reduce(applyRingEvent, ring.state);
  return yield* save(ctx, ring, { ...ring, settings, state, seen: [...ring.seen, ...news.seen] });
}

/** Undefined: there is more to do at once. */
function untilNext(ring: ReleaseRing, action: RingAction, now: number): number | undefined {
  if (ring.state.policyError !== null) return now + PROBLEM_HOURS * HOUR_MS;
  if (action.kind !== "wait") return undefined;
  return Math.min(action.until ?? Number.POSITIVE_INFINITY, now + BACKSTOP_HOURS * HOUR_MS);
}

/** Performs an action and applies the event that confirms it; a failure shows as policy error and is tried again. */
function* act(ctx: Orchestration, ref: RingRef, ring: ReleaseRing, action: RingAction): Durable<ReleaseRing> {
  try {
    const done = yield* perform(ctx, ref, ring, action);
    return yield* save(ctx, ring, cleared(done, nowOf(ctx)));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const event: RingEvent = { type: "policyError", at: nowOf(ctx), message: error.message };
    return yield* save(ctx, ring, { ...ring, state: applyRingEvent(ring.state, event) });
  }
}

function cleared(ring: ReleaseRing, now: number): ReleaseRing {
  return { ...ring, state: applyRingEvent(ring.state, { type: "policyError", at: now, message: null }) };
}

function* perform(ctx: Orchestration, ref: RingRef, ring: ReleaseRing, action: RingAction): Durable<ReleaseRing> {
  const confirm = (type: "suspended" | "approved" | "rollbackStarted" | "withdrawn" | "finished"): ReleaseRing => ({
    ...ring,
    state: applyRingEvent(ring.state, { type, at: nowOf(ctx) }),
  });
  switch (action.kind) {
    case "openWave":
      return yield* openWave(ctx, ref, ring, action);
    case "suspend":
    case "approve": {
      const status = action.kind === "suspend" ? "suspended" : "approved";
      if (ring.policy !== null) yield* setApproval(ctx, { ...ref, policy: ring.policy, status });
      return confirm(status);
    }
    case "rollBack":
      yield* startRollBack(ctx, { ...ref, policy: ring.policy });
      return confirm("rollbackStarted");
    case "withdraw":
      yield* withdrawFromRing(ctx, { ...ref, policy: ring.policy, rolledBack: ring.state.rollback !== null });
      return confirm("withdrawn");
    default:
      // The update becomes the ring's standing one only when the whole release has completed.
      return confirm("finished");
  }
}

type OpenWave = Extract<RingAction, { kind: "openWave" }>;

/** The ledger first, so that no device reports before it is known to be offered; then Graph, wave by wave (L2). */
function* openWave(ctx: Orchestration, ref: RingRef, ring: ReleaseRing, action: OpenWave): Durable<ReleaseRing> {
  const { wave, last } = action;
  const at = nowOf(ctx);
  yield* markWaveOffered(ctx, { ...ref, wave, last, at });
  const policy = ring.policy ?? (yield* openReleasePolicy(ctx, ref));
  const waveGroups = last ? [ring.target.entraGroupId] : yield* addWaveGroup(ctx, ref, ring, { wave, last, at });
  yield* assignWaves(ctx, { ...ref, policy, groupIds: [...waveGroups] });
  const state = applyRingEvent(ring.state, { type: "waveOpened", wave, at });
  return { ...ring, policy, waveGroups, openedAt: ring.openedAt ?? at, state };
}

function* addWaveGroup(
  ctx: Orchestration,
  ref: RingRef,
  ring: ReleaseRing,
  wave: { wave: number; last: boolean; at: number },
): Durable<string[]> {
  const { groupId, replicationSeconds } = yield* fillWaveGroup(ctx, { ...ref, ...wave });
  yield ctx.df.createTimer(new Date(nowOf(ctx) + replicationSeconds * 1000));
  return [...new Set([...ring.waveGroups, groupId])];
}

/** Saves what changed; an ended ring notes when. */
function* save(ctx: Orchestration, before: ReleaseRing, after: ReleaseRing): Durable<ReleaseRing> {
  const endedAt = after.state.phase === "ended" ? (after.endedAt ?? nowOf(ctx)) : null;
  const ring = { ...after, endedAt };
  if (JSON.stringify(before) !== JSON.stringify(ring)) yield* recordRing(ctx, { ring });
  return ring;
}
