import type { CatalogueEntry } from "../../catalogue/entry.js";
import { entryJson, revisionJson } from "../../catalogue/json.js";
import type { DriverEntry } from "../../drivers/catalogue.js";
import { driverCatalogue } from "../../drivers/inventory.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/catalog/entries";

/** The catalogue of deployable updates: what has been published by now. Drivers are read one by one (graph.md §1.1). */
export function catalogueRoutes(world: World): Route[] {
  const base = { service, needs: needs.windowsUpdates, only: "beta", method: "GET" } as const;
  const shape = {
    project: entryJson,
    context: "admin/windows/updates/catalog/entries",
    expand: {
      productRevisions: (entry: CatalogueEntry) => ({
        productRevisions: entry.revisions.map((revision) => revisionJson(entry, revision)),
      }),
    },
  };
  const published = () => world.catalogue.published(world.clock.now());
  return [
    { ...base, path: PATH, handle: (request) => answerList(request, { ...shape, rows: published() }) },
    {
      ...base,
      path: `${PATH}/{id}`,
      handle: (request) => {
        const id = request.params.id ?? "";
        const driver = world.catalogue.get(id) ?? driverCatalogue(world).get(id, world.clock.now());
        if (driver === undefined || !("driverClass" in driver))
          return answerItem(request, entryOf(world, request), shape);
        return answerItem(request, driver, { project: driverJson, context: shape.context });
      },
    },
  ];
}

function entryOf(world: World, request: GraphRequest): CatalogueEntry {
  const id = request.params.id ?? "";
  const entry = world.catalogue.get(id);
  if (entry === undefined || entry.publishedAt > world.clock.now()) throw notFound(service, id);
  return entry;
}

function driverJson(entry: DriverEntry): Json {
  const { id, component, manufacturer, driverClass, version, releasedAt, deployableUntil } = entry;
  return {
    "@odata.type": "#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry",
    id,
    displayName: `${component} - ${version}`,
    releaseDateTime: dateText(releasedAt),
    deployableUntilDateTime: deployableUntil === null ? null : dateText(deployableUntil),
    description: `${manufacturer} ${driverClass} driver update released in ${dateText(releasedAt).slice(0, 7)}`,
    ...{ driverClass, manufacturer, version },
    provider: manufacturer,
    setupInformationFile: null,
    versionDateTime: dateText(releasedAt),
  };
}
