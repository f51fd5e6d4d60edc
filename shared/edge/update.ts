import { type AppVersion, publishedVersions } from "../app-versions/version.js";
import type { StoredGroup } from "../groups/store.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { channelOf } from "./report.js";

/** Days over which the publisher spreads a version (autopatch.md §8.2: progressive). */
const SPREAD_DAYS = 7;

/**
 * What a version of Edge brings to a group, for the release that measures it there. Rings on another channel than the
 * version's have what that channel had at the time, which is newer on Beta.
 */
export function edgeUpdateOf(version: AppVersion, { definition }: StoredGroup): WorkloadUpdate {
  const at = Date.parse(version.publishedAt);
  const key = `Microsoft Edge ${version.version}`;
  const rings = definition.rings.filter(({ name }) => channelOf(definition, name) === version.channel);
  return {
    workload: Workload.edge,
    catalogEntryId: `${key} ${version.channel}`,
    ...{ shortName: key, displayName: `${key} (${version.channel})`, releaseDate: version.publishedAt },
    revisions: [
      { product: "Microsoft Edge", version: version.channel, build: version.version, kb: key, isHotpatch: false },
    ],
    opens: Object.fromEntries(rings.map(({ name }) => [name, { at, spreadDays: SPREAD_DAYS }])),
  };
}

/** The newest version of every channel that rings of the group are on. @param now ms */
export function newestForRings(list: readonly AppVersion[], { definition }: StoredGroup, now: number): AppVersion[] {
  const channels = new Set(definition.rings.map(({ name }) => channelOf(definition, name)));
  return [...channels].flatMap((channel) => publishedVersions(list, channel, now)[0] ?? []);
}
