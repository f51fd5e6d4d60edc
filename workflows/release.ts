import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { advanceRelease, nextLookAt } from "../shared/releases/advance.js";
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
import { type Durable, Mailbox, nowOf, type Orchestration, orchestration } from "./durable.js";
import { RELEASE, WAKE } from "./names.js";

/** Looks of one generation, so that the history stays short whatever the length of the release. */
const LOOKS = 12;
/** Wait before a preparation that failed is tried again. */
const PROBLEM_HOURS = 1;

/** Carries one update through one Autopatch group: prepares, starts all rings together, guards, ends. */
orchestration({
  name: RELEASE,
  input: releaseRef,
  *run(ctx, ref) {
    const mailbox = new Mailbox(ctx, WAKE);
    let release = yield* loadRelease(ctx, ref);
    for (let look = 0; look < LOOKS; look++) {
      release = release.prepared ? release : yield* prepare(ctx, release);
      release = yield* advance(ctx, release);
      ctx.df.setCustomStatus({
        gate: release.state.gate.decision,
        paused: release.pauseReason,
        problem: release.problem,
      });
      if (release.state.phase === "ended") return yield* end(ctx, release);
      yield* mailbox.next(release.prepared ? nextLookAt(release, nowOf(ctx)) : nowOf(ctx) + PROBLEM_HOURS * HOUR_MS);
    }
    ctx.df.continueAsNew(ref);
    return undefined;
  },
});

/** What has to be there before the first ring opens; a failure shows as the release's problem and is tried again. */
function* prepare(ctx: Orchestration, release: Release): Durable<Release> {
  const ref = { releaseId: release.id };
  try {
    yield* enrolReleaseDevices(ctx, ref);
    yield* supersedePredecessors(ctx, ref);
    yield* ensureReleasePolicies(ctx, ref);
    yield* startRings(ctx, ref);
    return { ...release, prepared: true, problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...release, problem: error.message };
  }
}

/** Hears the news, decides, and writes what was decided. */
function* advance(ctx: Orchestration, before: Release): Durable<Release> {
  const news = yield* observeRelease(ctx, { releaseId: before.id, handled: [...before.handled] });
  const result = advanceRelease(before, news, nowOf(ctx));
  yield* recordRelease(ctx, { advance: result });
  const { release } = result;
  if (release.pauseReason !== before.pauseReason && release.state.phase !== "ended") {
    yield* setCompletedRings(ctx, {
      releaseId: release.id,
      status: release.pauseReason === null ? "approved" : "suspended",
    });
  }
  return release;
}

function* end(ctx: Orchestration, release: Release): Durable<string> {
  yield* finishRelease(ctx, { releaseId: release.id });
  return release.state.outcome ?? "completed";
}
