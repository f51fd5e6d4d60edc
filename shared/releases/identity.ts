import { hash32 } from "../random.js";
import { releaseKind, type Update, Workload } from "../updates/update.js";

/**
 * The id of the release of an update in an Autopatch group, e.g. `2024-06-11-B-1f3a9c07-<groupId>`. Deterministic, so
 * that a second attempt to start it finds the first; the hash tells apart updates of the same day and kind, and the rings
 * in which people approved the same driver one after the other. Fit for table keys and orchestration ids.
 */
export function releaseIdOf(groupId: string, update: Update): string {
  const rings = update.workload === Workload.driver ? Object.keys(update.opens ?? {}).toSorted() : [];
  const hash = hash32("release", update.catalogEntryId, ...rings)
    .toString(16)
    .padStart(8, "0");
  return `${update.releaseDate.slice(0, 10)}-${releaseKind(update)}-${hash}-${groupId}`;
}
