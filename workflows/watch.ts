import type * as df from "durable-functions";
import { type FoldResult, ledger, type ReleaseSummary } from "../shared/ledger/index.js";
import { breaksRule, judge, wavesDue } from "../shared/releases/advance.js";
import { isComplete } from "../shared/releases/completion.js";
import { offersOf } from "../shared/releases/offers.js";
import { findRelease, listRings, type Release, type ReleaseRing } from "../shared/releases/store.js";
import { rollbacksOf, stepsOf } from "./activities/release.js";
import { rouse } from "./client.js";
import { RELEASE, RING, ringInstance } from "./names.js";

/**
 * After a fold: wakes the releases whose verdict the batch changed, and the rings that it brought to their end. A wake
 * too many does nothing, and one too few is made good by the backstop timers.
 */
export async function wakeWhereNeeded(client: df.DurableClient, result: FoldResult, now: number): Promise<void> {
  for (const { releaseId, reports } of result.releases) {
    // Progress below a report moves neither a verdict nor an end.
    if (reports === 0) continue;
    const [release, rings, summary] = await Promise.all([
      findRelease(releaseId),
      listRings(releaseId),
      (await ledger()).summary(releaseId),
    ]);
    if (release === undefined || release.state.phase === "ended") continue;
    if (verdictChanges(release, rings, summary, now)) await rouse(client, RELEASE, releaseId, { releaseId });
    for (const ring of rings.filter((candidate) => reachesItsEnd(candidate, summary, now))) {
      await rouse(client, RING, ringInstance(releaseId, ring.ring), { releaseId, ring: ring.ring });
    }
  }
}

/** Whether the release would decide something new: a verdict, an alert, or waves for rings that wait. */
function verdictChanges(
  release: Release,
  rings: readonly ReleaseRing[],
  summary: ReleaseSummary,
  now: number,
): boolean {
  if (breaksRule(release, rollbacksOf(summary, rings))) return true;
  const verdict = judge(release, stepsOf(summary, rings, release.history), now);
  if (verdict?.changed === true) return true;
  const waves = wavesDue(release, offersOf(rings, summary), verdict?.evidence ?? null, now)?.waves ?? [];
  return waves.length > 0;
}

function reachesItsEnd({ ring, state }: ReleaseRing, summary: ReleaseSummary, now: number): boolean {
  const counts = summary.rings[ring];
  if (counts === undefined) return false;
  if (state.phase === "rollingBack") return counts.upToDate === 0;
  return state.phase === "active" && isComplete({ ...state, counts }, now);
}
