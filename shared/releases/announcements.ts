import { updateKind } from "../updates/quality-update.js";
import { Supersedence, supersedence } from "../updates/supersedence.js";
import type { QualityRelease } from "./store.js";

/** What the announcements of a group say about one release (autopatch.md §5.11). */
export interface Announcement {
  readonly releaseId: string;
  readonly group: { readonly id: string; readonly name: string };
  /** `2025.04 OOB` */
  readonly update: string;
  readonly publishedAt: string;
  readonly articles: readonly { readonly version: string; readonly kb: string; readonly url: string }[];
}

type Announced = Pick<QualityRelease, "id" | "groupId" | "groupName" | "publishedAt" | "update">;

/**
 * Knowledge base articles of the current B and out-of-band releases, oldest first. An announcement is gone with the next
 * monthly release of its group (§5.8), and with an out-of-band one that replaces it for every Windows version.
 */
export function announcementsOf(releases: readonly Announced[]): Announcement[] {
  return releases
    .filter((release) => !releases.some((other) => clears(other, release)))
    .toSorted((a, b) => a.publishedAt - b.publishedAt)
    .map(({ id, groupId, groupName, publishedAt, update }) => ({
      releaseId: id,
      group: { id: groupId, name: groupName },
      update: update.shortName,
      publishedAt: new Date(publishedAt).toISOString(),
      articles: update.revisions.map(({ version, kb }) => ({ version, kb, url: articleUrl(kb) })),
    }));
}

function clears(newer: Announced, older: Announced): boolean {
  if (newer.groupId !== older.groupId || newer.publishedAt <= older.publishedAt) return false;
  return updateKind(newer.update) === "B" || supersedence(newer.update, older.update) === Supersedence.full;
}

function articleUrl(kb: string): string {
  return `https://support.microsoft.com/help/${kb.slice(2)}`;
}
