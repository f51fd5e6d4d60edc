import type { CatalogueEntry } from "../../catalogue/entry.js";
import { entryJson, revisionJson } from "../../catalogue/json.js";
import { driverCatalogue } from "../../drivers/inventory.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { WindowsVersion } from "../../windows-update/windows-versions.js";
import type { World } from "../../world.js";
import { driverJson } from "./content.js";
import { featureEntry, featureJson, publishedFeatures } from "./feature-entries.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/catalog/entries";

/** The catalogue of deployable updates: what has been published by now. Drivers are read one by one (graph.md §1.1). */
export function catalogueRoutes(world: World): Route[] {
  const base = { service, needs: needs.windowsUpdates, only: "beta", method: "GET" } as const;
  const shape = {
    project: (entry: CatalogueEntry | WindowsVersion) => ("kind" in entry ? entryJson(entry) : featureJson(entry)),
    context: "admin/windows/updates/catalog/entries",
    expand: {
      productRevisions: (entry: CatalogueEntry | WindowsVersion) =>
        "kind" in entry ? { productRevisions: entry.revisions.map((revision) => revisionJson(entry, revision)) } : {},
    },
  };
  const published = () => {
    const now = world.clock.now();
    return [...world.catalogue.published(now), ...publishedFeatures(now)];
  };
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

function entryOf(world: World, request: GraphRequest): CatalogueEntry | WindowsVersion {
  const id = request.params.id ?? "";
  const feature = featureEntry(id, world.clock.now());
  if (feature !== undefined) return feature;
  const entry = world.catalogue.get(id);
  if (entry === undefined || entry.publishedAt > world.clock.now()) throw notFound(service, id);
  return entry;
}
