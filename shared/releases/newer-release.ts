import { AppError } from "../errors.js";
import { isSameLine, type Release } from "./store.js";

type Compared = Pick<Release, "id" | "groupId" | "publishedAt" | "state" | "update">;

/**
 * Refuses to roll a release back in rings where a newer one has been offered: devices uninstall their latest quality
 * update, whichever it is (graph.md §7 L4). Throws `conflict` naming the newer release.
 * @param rings by name; left out: every ring
 */
export function refuseUnderNewer(
  release: Compared,
  rings: readonly string[] | undefined,
  all: readonly Compared[],
): void {
  for (const newer of all) {
    if (!isSameLine(newer, release) || newer.publishedAt <= release.publishedAt) continue;
    const covered = newer.state.rings.find(
      ({ ring, openedAt, outcome }) =>
        openedAt !== null && outcome !== "rolledBack" && (rings === undefined || rings.includes(ring)),
    );
    if (covered === undefined) continue;
    throw new AppError(
      "conflict",
      `Release ${release.id} cannot be rolled back: ring ${covered.ring} has been offered the newer release ${newer.id}, and devices uninstall the latest update. Roll back ${newer.id} first, or name other rings. Nothing was changed.`,
      { field: "rings", details: { releaseId: newer.id, ring: covered.ring } },
    );
  }
}
