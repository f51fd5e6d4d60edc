import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { Route } from "../../graph/types.js";
import { answerList } from "../../odata/listing.js";
import { guid } from "../../state/ids.js";
import type { World } from "../../world.js";

const TYPE = "microsoft.graph.windowsFeatureUpdateCatalogItem";
const context = `deviceManagement/windowsUpdateCatalogItems/${TYPE}`;

export interface FeatureVersion {
  /** `Windows 11, version 24H2` */
  readonly version: string;
  /** `YYYY-MM-DD` */
  readonly released: string;
  /** End of service for Enterprise editions, ISO. */
  readonly endOfSupport: string;
}

/** Windows versions that can be deployed, oldest first. */
const VERSIONS: readonly FeatureVersion[] = [
  { version: "Windows 11, version 21H2", released: "2021-10-04", endOfSupport: "2024-10-08T00:00:00Z" },
  { version: "Windows 10, version 21H2", released: "2021-11-16", endOfSupport: "2024-06-11T00:00:00Z" },
  { version: "Windows 11, version 22H2", released: "2022-09-20", endOfSupport: "2025-10-14T00:00:00Z" },
  { version: "Windows 10, version 22H2", released: "2022-10-18", endOfSupport: "2025-10-14T00:00:00Z" },
  { version: "Windows 11, version 23H2", released: "2023-10-31", endOfSupport: "2026-11-10T00:00:00Z" },
  { version: "Windows 11, version 24H2", released: "2024-10-01", endOfSupport: "2027-10-12T00:00:00Z" },
  { version: "Windows 11, version 25H2", released: "2025-09-30", endOfSupport: "2028-10-10T00:00:00Z" },
];

/** The version with that name, as the catalogue spells it. */
export function featureVersion(name: string): FeatureVersion | undefined {
  return VERSIONS.find(({ version }) => version === name);
}

/** Intune's catalogue of feature updates: what has been released by now (graph.md §2.3). */
export function featureVersionRoutes(world: World): Route[] {
  const released = () => VERSIONS.filter((each) => Date.parse(each.released) <= world.clock.now());
  return [
    {
      method: "GET",
      path: `/deviceManagement/windowsUpdateCatalogItems/${TYPE}`,
      service: Service.intune,
      needs: needs.readConfiguration,
      only: "beta",
      handle: (request) =>
        answerList(request, {
          rows: released(),
          context,
          project: ({ version, released: date, endOfSupport }) => ({
            "@odata.type": `#${TYPE}`,
            id: guid("feature update", version),
            displayName: version,
            version,
            releaseDateTime: `${date}T00:00:00Z`,
            endOfSupportDate: endOfSupport,
          }),
        }),
    },
  ];
}
