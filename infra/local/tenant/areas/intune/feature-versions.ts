import { Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { Route } from "../../graph/types.js";
import { answerList } from "../../odata/listing.js";
import { guid } from "../../state/ids.js";
import { WINDOWS_VERSIONS } from "../../windows-update/windows-versions.js";
import type { World } from "../../world.js";

const TYPE = "microsoft.graph.windowsFeatureUpdateCatalogItem";
const context = `deviceManagement/windowsUpdateCatalogItems/${TYPE}`;

/** Intune's catalogue of feature updates: what has been released by now (graph.md §2.3). */
export function featureVersionRoutes(world: World): Route[] {
  const released = () => WINDOWS_VERSIONS.filter((each) => Date.parse(each.released) <= world.clock.now());
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
          project: ({ name: version, released: date, endOfSupport }) => ({
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
