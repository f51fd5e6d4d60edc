import type { Json } from "../graph/types.js";
import { dateText } from "../world.js";
import { officeReleases, type PresentTime } from "./app-versions.js";

/** Versions that the list shows of a channel. */
const SHOWN = 6;
/** A version is supported until the second one after it. */
const SUPPORTED = 2;
const NO_DATE = "0001-01-01T00:00:00Z";

/** Office's list of releases by channel, as the present instant of domain time has it. */
export function officeList({ clock }: PresentTime): Json[] {
  const releases = officeReleases(clock.now());
  const officeVersions = releases
    .map(({ name, version, publishedAt }, index) => ({
      releaseVersion: name,
      legacyVersion: version,
      availabilityDate: dateText(publishedAt),
      endOfSupportDate: dateOf(releases[index + SUPPORTED]?.publishedAt),
    }))
    .slice(-SHOWN)
    .reverse();
  const latestVersion = officeVersions[0]?.legacyVersion ?? null;
  return [{ channelId: "MonthlyEnterprise", channel: "MEC", latestVersion, officeVersions }];
}

function dateOf(at: number | undefined): string {
  return at === undefined ? NO_DATE : dateText(at);
}
