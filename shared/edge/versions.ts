import { type AppVersion, publishedVersions } from "../app-versions/version.js";

/** Channels of Edge that rings are on (autopatch.md §8.2). */
export const EdgeChannel = { stable: "stable", beta: "beta", extended: "extended" } as const;
export type EdgeChannel = (typeof EdgeChannel)[keyof typeof EdgeChannel];

/** The newest version of a channel at an instant with its publication; undefined where none is published. @param now ms */
export function newestEdge(list: readonly AppVersion[], channel: EdgeChannel, now: number): AppVersion | undefined {
  return publishedVersions(list, channel, now)[0];
}

/** The version before the newest one of a channel, quality updates included. */
export function previousEdge(list: readonly AppVersion[], channel: EdgeChannel, now: number): AppVersion | undefined {
  return publishedVersions(list, channel, now)[1];
}
