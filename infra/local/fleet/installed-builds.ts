import { UpdateKind } from "../../../shared/calendar/names.js";
import type { InstalledBuild } from "../../../shared/model/index.js";
import { seedEntries } from "../tenant/catalogue/releases.js";

/** Shares of the devices of a version that have the last, the second last and the third last security update. */
const BEHIND = [0.93, 0.05, 0.02] as const;

/** What devices have installed when a fleet begins at `at` (ms): the monthly security updates published before. */
export function installedBuilds(at: number): InstalledBuild[] {
  const published = seedEntries()
    .filter(({ kind, publishedAt }) => kind === UpdateKind.B && publishedAt <= at)
    .toSorted((a, b) => b.publishedAt - a.publishedAt);
  const builds = new Map<string, InstalledBuild[]>();
  for (const { product, version, build } of published.flatMap(({ revisions }) => revisions)) {
    const known = builds.get(version) ?? [];
    const share = BEHIND[known.length];
    if (share === undefined) continue;
    known.push({ product, version, build, share } as InstalledBuild);
    builds.set(version, known);
  }
  if (builds.size === 0)
    throw new Error(`No update of the catalogue was published before ${new Date(at).toISOString()}.`);
  return [...builds.values()].flat();
}

/** The knowledge base article of each build in the catalogue. */
export function articles(): ReadonlyMap<string, string> {
  return new Map(seedEntries().flatMap(({ revisions }) => revisions.map(({ build, kb }) => [build, kb] as const)));
}
