import { z } from "zod";
import { refreshedList, type Source, type VersionList, versionList } from "../app-versions/list.js";
import { type AppVersion, appVersionSchema, listInstant } from "../app-versions/version.js";
import { iso } from "../calendar/days.js";
import { config } from "../config.js";
import { camelKeys } from "../graph/lenient.js";
import { EdgeChannel } from "./versions.js";

/** Our words for the list's products; it has others too. */
const CHANNELS: Readonly<Record<string, EdgeChannel>> = {
  stable: EdgeChannel.stable,
  beta: EdgeChannel.beta,
  extended: EdgeChannel.extended,
  extendedstable: EdgeChannel.extended,
};

const productSchema = z.object({ product: z.string(), releases: z.array(z.unknown()) });
const releaseSchema = z.object({ platform: z.string(), productVersion: z.string(), publishedTime: z.string() });
const listSchema = z.preprocess(camelKeys, z.array(z.unknown()));

/**
 * Reads the list: products with their releases, of which those for Windows count; one version comes for several
 * architectures, and its first publication counts. Throws for what is no list.
 */
export function readEdgeReleases(body: unknown): AppVersion[] {
  const found = listSchema.parse(body).flatMap((item) => {
    const { data: product } = productSchema.safeParse(item);
    const channel = CHANNELS[product?.product.replace(/\s/g, "").toLowerCase() ?? ""];
    if (product === undefined || channel === undefined) return [];
    return product.releases.flatMap((release) => versionOf(channel, release) ?? []);
  });
  const latestFirst = found.sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
  return [...new Map(latestFirst.map((each) => [`${each.channel} ${each.version}`, each])).values()];
}

function versionOf(channel: EdgeChannel, release: unknown): AppVersion | undefined {
  const { data: found } = releaseSchema.safeParse(release);
  if (found === undefined || found.platform.toLowerCase() !== "windows") return undefined;
  const { productVersion: version, publishedTime } = found;
  const at = listInstant(publishedTime);
  if (Number.isNaN(at)) return undefined;
  const name = version.split(".")[0];
  return appVersionSchema.safeParse({ channel, name, version, publishedAt: iso(at) }).data;
}

const source: Source = {
  id: "edge",
  title: "Microsoft's list of Edge releases",
  url: () => config().EDGE_RELEASES_URL,
  read: readEdgeReleases,
};

/** Versions of Edge, read at most once a day. @param now ms */
export function edgeVersions(now: number): Promise<VersionList> {
  return versionList(source, now);
}

/** The same, read now. */
export function refreshEdgeVersions(now: number): Promise<VersionList> {
  return refreshedList(source, now);
}
