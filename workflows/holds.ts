import { AppError } from "../shared/errors.js";
import { toleratedRate } from "../shared/gate/method.js";
import type { Advance } from "../shared/releases/advance.js";
import { examinationDue, withExamination } from "../shared/releases/examination.js";
import { type CohortHold, unsettledHolds } from "../shared/releases/holds.js";
import {
  hasUnsettledLikelyIssues,
  ringsToSafeguard,
  withFreedLikelyIssues,
  withLikelyIssues,
} from "../shared/releases/likely-issues.js";
import type { ReleaseNews } from "../shared/releases/news.js";
import { withSettled } from "../shared/releases/settled-holds.js";
import type { Release } from "../shared/releases/store.js";
import { examineCohorts, freeLikelyIssues, holdLikelyIssues, settleHold } from "./activities/holds.js";
import { recordRelease } from "./activities/release.js";
import { type Durable, nowOf, type Orchestration } from "./durable.js";

/**
 * Tests the cohorts of a release whose failures are about to hold or pause it, before the verdict takes effect, and
 * looks again at those held provisionally: what is found is written down first, then held in ledger and directory
 * (gate.md §2.4). Returns the very same release where nothing was tested; a test that fails leaves the verdict to the
 * evidence of everybody.
 */
export function* examine(ctx: Orchestration, release: Release, news: ReleaseNews): Durable<Release> {
  const gate = examinationDue(release, news.steps, nowOf(ctx));
  if (gate === null) return release;
  try {
    const examination = yield* examineCohorts(ctx, { releaseId: release.id, gate });
    const { release: after, decisions } = withExamination(release, examination, nowOf(ctx));
    return yield* settleHolds(ctx, yield* record(ctx, after, { decisions }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return release;
  }
}

/**
 * Carries out what the holds of a release say, those left over from an interruption too. What fails shows as the
 * release's problem, and is tried again.
 */
export function* settleHolds(ctx: Orchestration, release: Release): Durable<Release> {
  let current = release;
  for (const hold of unsettledHolds(release)) {
    try {
      current = yield* settle(ctx, current, hold);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ...current, problem: error.message };
    }
  }
  return current;
}

function* settle(ctx: Orchestration, release: Release, hold: CohortHold): Durable<Release> {
  const { replicationSeconds, ...done } = yield* settleHold(ctx, { releaseId: release.id, hold });
  if (replicationSeconds > 0) yield ctx.df.createTimer(new Date(nowOf(ctx) + replicationSeconds * 1000));
  const { release: settled, letters } = withSettled(release, hold, done, nowOf(ctx));
  return yield* record(ctx, { ...settled, problem: null }, { letters });
}

/**
 * Holds the likely issues of rings that are about to open, before they are granted anything (gate.md §6), and lets them go
 * once the release has said so. Returns the very same release where there is nothing to do. Where it fails a ring opens
 * without it; letting devices go shows as the release's problem, and is tried again.
 */
export function* safeguard(ctx: Orchestration, release: Release, news: ReleaseNews): Durable<Release> {
  const ref = { releaseId: release.id };
  try {
    if (hasUnsettledLikelyIssues(release)) {
      const waiting = yield* freeLikelyIssues(ctx, ref);
      const { release: freed, letters } = withFreedLikelyIssues(release, waiting, nowOf(ctx));
      return yield* record(ctx, { ...freed, problem: null }, { letters });
    }
    const rings = ringsToSafeguard(release, news, nowOf(ctx));
    if (rings.length === 0) return release;
    const { p0, p0Variation } = release.history;
    const found = yield* holdLikelyIssues(ctx, { ...ref, rings, pTol: toleratedRate(p0, p0Variation) });
    const { release: guarded, decisions } = withLikelyIssues(release, found, nowOf(ctx));
    return yield* record(ctx, guarded, { decisions });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return hasUnsettledLikelyIssues(release) ? { ...release, problem: error.message } : release;
  }
}

/** Writes a step in between, so that an interruption finds it. */
function* record(
  ctx: Orchestration,
  release: Release,
  said: Partial<Pick<Advance, "decisions" | "letters">>,
): Durable<Release> {
  const written = { ...release, revision: release.revision + 1 };
  const nothing = { letters: [], decisions: [], questions: [], applied: [], refused: [], ended: null };
  yield* recordRelease(ctx, { advance: { ...nothing, ...said, release: written } });
  return written;
}
