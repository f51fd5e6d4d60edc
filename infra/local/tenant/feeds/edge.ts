import { DAY_MS } from "../../../../shared/calendar/days.js";
import type { Json } from "../graph/types.js";
import { dateText } from "../world.js";
import { EDGE_PRODUCTS, edgeReleases, type PresentTime, type Published } from "./app-versions.js";

/** Versions that the list shows of a channel. */
const SHOWN = 12;
const ARCHITECTURES = ["x86", "x64", "arm64"];
const EXPIRY_DAYS = 365;

/** Edge's list of releases by channel, as the present instant of domain time has it. */
export function edgeList({ clock }: PresentTime): Json[] {
  return EDGE_PRODUCTS.map((product) => {
    const shown = edgeReleases(product, clock.now()).slice(-SHOWN).reverse();
    return { Product: product, Releases: shown.flatMap(releasesOf) };
  });
}

/** Each version comes for several architectures, and for a phone. */
function releasesOf(version: Published): Json[] {
  const windows = ARCHITECTURES.map((architecture) => releaseOf(version, "Windows", architecture));
  return [...windows, releaseOf(version, "iOS", "arm64")];
}

function releaseOf({ version, publishedAt }: Published, platform: string, architecture: string): Json {
  return {
    ReleaseId: Math.floor(publishedAt / 1000),
    Platform: platform,
    Architecture: architecture,
    CVEs: [],
    ProductVersion: version,
    Artifacts: [],
    PublishedTime: withoutZone(publishedAt),
    ExpectedExpiryDate: withoutZone(publishedAt + EXPIRY_DAYS * DAY_MS),
  };
}

function withoutZone(at: number): string {
  return dateText(at).replace(/Z$/, "");
}
