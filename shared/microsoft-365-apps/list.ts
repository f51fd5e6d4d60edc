import { z } from "zod";
import { refreshedList, type Source, type VersionList, versionList } from "../app-versions/list.js";
import { type AppVersion, appVersionSchema, listInstant } from "../app-versions/version.js";
import { iso } from "../calendar/days.js";
import { config } from "../config.js";
import { camelKeys } from "../graph/lenient.js";
import { MONTHLY_ENTERPRISE } from "./versions.js";

/** Our words for the list's channels. */
const CHANNELS: Readonly<Record<string, string>> = { MonthlyEnterprise: MONTHLY_ENTERPRISE };

const channelSchema = z.object({ channelId: z.string(), officeVersions: z.array(z.unknown()) });
const releaseSchema = z.object({
  /** `2404` */
  releaseVersion: z.string().regex(/^\d{4}$/),
  /** `16.0.17531.20140` */
  legacyVersion: z.string(),
  availabilityDate: z.string(),
});
const listSchema = z.preprocess(camelKeys, z.array(z.unknown()));

/** Reads the list: channels with their versions. Throws for what is no list. */
export function readOfficeReleases(body: unknown): AppVersion[] {
  return listSchema.parse(body).flatMap((item) => {
    const { data: channel } = channelSchema.safeParse(item);
    const name = CHANNELS[channel?.channelId ?? ""];
    if (channel === undefined || name === undefined) return [];
    return channel.officeVersions.flatMap((release) => {
      const { data: found } = releaseSchema.safeParse(release);
      const at = listInstant(found?.availabilityDate ?? "");
      if (found === undefined || Number.isNaN(at)) return [];
      const { releaseVersion, legacyVersion: version } = found;
      const parsed = appVersionSchema.safeParse({ channel: name, name: releaseVersion, version, publishedAt: iso(at) });
      return parsed.success ? [parsed.data] : [];
    });
  });
}

const source: Source = {
  id: "microsoft365Apps",
  title: "Microsoft's list of Office releases",
  url: () => config().OFFICE_RELEASES_URL,
  read: readOfficeReleases,
};

/** Versions of Microsoft 365 Apps, read at most once a day. @param now ms */
export function officeVersions(now: number): Promise<VersionList> {
  return versionList(source, now);
}

/** The same, read now. */
export function refreshOfficeVersions(now: number): Promise<VersionList> {
  return refreshedList(source, now);
}
