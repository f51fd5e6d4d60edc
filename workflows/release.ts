import { z } from "zod";
import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { advanceRelease } from "../shared/releases/advance.js";
import { withExamined } from "../shared/releases/examination.js";
import { afterEnd, unsettledHolds } from "../shared/releases/holds.js";
import { nextLookAt } from "../shared/releases/judge.js";
import { hasUnsettledLikelyIssues } from "../shared/releases/likely-issues.js";
import type { ReleaseNews } from "../shared/releases/news.js";
import type { Release } from "../shared/releases/store.js";
import { enrolReleaseDevices, ensureReleasePolicies, startRings, supersedePredecessors } from "./activities/prepare.js";
import {
  finishRelease,
  loadRelease,
  observeRelease,
  recordRelease,
  releaseRef,
  setCompletedRings,
} from "./activities/release.js";
import { type Durable, isLong, Mailbox, nowOf, type Orchestration, orchestration } from "./durable.js";
import { examine, safeguard, settleHolds } from "./holds.js";
import { RELEASE, WAKE } from "./names.js";

/** How often a release sees to it that its rings run. */
const GUARD_HOURS = 24;
/** Wait before a preparation that failed is tried again. */
const PROBLEM_HOURS = 1;

/** Carries one update through one Autopatch group: prepares, starts all rings together, guards, ends. */
orchestration({
  name: RELEASE,
  input: releaseRef.extend({ guardedAt: z.number().optional() }),
  *run(ctx, { releaseId, ...input }) {
    const ref = { releaseId };
    const mailbox = new Mailbox(ctx, WAKE);
    let guardedAt = input.guardedAt ?? nowOf(ctx);
    let release = yield* loadRelease(ctx, ref);
    while (!isLong(ctx)) {
      release = release.prepared ? release : yield* prepare(ctx, release);
      release = yield* advance(ctx, release);
      if (release.state.phase === "ended" && !release.closed) release = yield* close(ctx, release);
      ctx.df.setCustomStatus({
        gate: release.state.gate.decision,
        paused: release.pauseReason,
        problem: release.problem,
      });
      if (release.closed) return release.state.outcome;
      yield* mailbox.next(lookAgainAt(release, nowOf(ctx)));
      if (!release.prepared || nowOf(ctx) - guardedAt < GUARD_HOURS * HOUR_MS) continue;
      // The release guards its rings: one whose orchestration failed goes on from where it was.
      yield* attempt(release, startRings(ctx, ref));
      guardedAt = nowOf(ctx);
    }
    ctx.df.continueAsNew({ ...ref, guardedAt });
    return undefined;
  },
});

function lookAgainAt(release: Release, now: number): number {
  const { prepared, state, problem } = release;
  // What commands decided about holds is carried out at once.
  if (problem === null && (unsettledHolds(release).length > 0 || hasUnsettledLikelyIssues(release))) return now;
  // Rings that were never started are, so that they hear of the end.
  if (!prepared && state.ending !== null) return now;
  return prepared && problem === null ? nextLookAt(release, now) : now + PROBLEM_HOURS * HOUR_MS;
}

/** A step that fails shows as the release's problem, and is tried again. */
function* attempt(release: Release, step: Durable<unknown>, done: Partial<Release> = {}): Durable<Release> {
  try {
    yield* step;
    return { ...release, ...done, problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...release, problem: error.message };
  }
}

/** What has to be there before the first ring opens. */
function* prepare(ctx: Orchestration, release: Release): Durable<Release> {
  const ref = { releaseId: release.id };
  function* steps(): Durable<void> {
    if (release.state.ending === null) {
      yield* enrolReleaseDevices(ctx, ref);
      yield* supersedePredecessors(ctx, ref);
      yield* ensureReleasePolicies(ctx, ref);
    }
    yield* startRings(ctx, ref);
  }
  return yield* attempt(release, steps(), { prepared: true });
}

/** Hears the news, tests cohorts before failures count against everybody, decides, and writes what was decided. */
function* advance(ctx: Orchestration, before: Release): Durable<Release> {
  const settled = yield* settleHolds(ctx, before);
  const heard = yield* observe(ctx, settled);
  const examined = yield* examine(ctx, settled, heard);
  const guarded = yield* safeguard(ctx, examined, heard);
  const news = guarded === settled ? heard : yield* observe(ctx, guarded);
  const result = advanceRelease(examined === settled ? guarded : withExamined(guarded, news.steps), news, nowOf(ctx));
  yield* recordRelease(ctx, { advance: result });
  return yield* tellCompletedRings(ctx, result.release);
}

function observe(ctx: Orchestration, { id, handled }: Release): Durable<ReleaseNews> {
  return observeRelease(ctx, { releaseId: id, handled: [...handled] });
}

/** A pause of the service, and its end, reach rings that have completed the release too. */
function* tellCompletedRings(ctx: Orchestration, release: Release): Durable<Release> {
  const status = release.pauseReason === null ? "approved" : "suspended";
  if (release.state.phase === "ended" || release.completedRings === status) return release;
  const step = setCompletedRings(ctx, { releaseId: release.id, status });
  return yield* attempt(release, step, { completedRings: status });
}

/** Does what the end of the release entails, and then hears what came meanwhile: a rollback takes it up again. */
function* close(ctx: Orchestration, release: Release): Durable<Release> {
  const settled = yield* settleHolds(ctx, release);
  const closed = yield* attempt(settled, finishRelease(ctx, { releaseId: release.id }), afterEnd(settled, nowOf(ctx)));
  return yield* advance(ctx, closed);
}
