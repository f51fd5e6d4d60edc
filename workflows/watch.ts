import type * as df from "durable-functions";
import { type FoldResult, ledger } from "../shared/ledger/index.js";
import { decidesAnew, reachesItsEnd } from "../shared/releases/news.js";
import { findRelease, listRings } from "../shared/releases/store.js";
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
    if (decidesAnew({ release, rings, summary }, now)) await rouse(client, RELEASE, releaseId, { releaseId });
    for (const ring of rings.filter((candidate) => reachesItsEnd(candidate, summary, now))) {
      await rouse(client, RING, ringInstance(releaseId, ring.ring), { releaseId, ring: ring.ring });
    }
  }
}
