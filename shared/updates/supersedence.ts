import { publishedAt } from "../calendar/publication.js";
import { parseBuild } from "./build.js";
import type { QualityUpdate } from "./quality-update.js";

type Comparable = Pick<QualityUpdate, "releaseDate" | "revisions">;

/** Newest revision per version of an update. */
function tops(update: Comparable): Map<number, number> {
  const found = new Map<number, number>();
  for (const { build } of update.revisions) {
    const parsed = parseBuild(build);
    if (parsed !== undefined) found.set(parsed.major, Math.max(parsed.revision, found.get(parsed.major) ?? 0));
  }
  return found;
}

/** Windows versions (major build numbers, ascending) for which `newer` replaces what `older` brings. */
export function supersededVersions(newer: Comparable, older: Comparable): number[] {
  if (publishedAt(newer) <= publishedAt(older)) return [];
  const replacements = tops(newer);
  return [...tops(older)]
    .filter(([major, revision]) => (replacements.get(major) ?? -1) > revision)
    .map(([major]) => major)
    .sort((a, b) => a - b);
}

export const Supersedence = { none: "none", partial: "partial", full: "full" } as const;
export type Supersedence = (typeof Supersedence)[keyof typeof Supersedence];

/**
 * How far a newer update replaces an older one. Cumulative updates replace their predecessors version by version: an
 * out-of-band update for one version leaves the other versions of the month's release alone (`partial`).
 */
export function supersedence(newer: Comparable, older: Comparable): Supersedence {
  const count = supersededVersions(newer, older).length;
  if (count === 0) return Supersedence.none;
  return count === tops(older).size ? Supersedence.full : Supersedence.partial;
}

/** The part of `older` that is still the newest for its versions once `newer` is published. */
export function remainingRevisions<U extends Comparable>(older: U, newer: Comparable): U["revisions"] {
  const gone = new Set(supersededVersions(newer, older));
  return older.revisions.filter(({ build }) => !gone.has(parseBuild(build)?.major ?? -1));
}
