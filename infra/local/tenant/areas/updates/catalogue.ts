import type { CatalogueEntry } from "../../catalogue/entry.js";
import { entryJson, revisionJson } from "../../catalogue/json.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/catalog/entries";

/** The catalogue of deployable updates: what has been published by now (graph.md §1.1). */
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
    { ...base, path: `${PATH}/{id}`, handle: (request) => answerItem(request, entryOf(world, request), shape) },
  ];
}

function entryOf(world: World, request: GraphRequest): CatalogueEntry {
  const id = request.params.id ?? "";
  const entry = world.catalogue.get(id);
  if (entry === undefined || entry.publishedAt > world.clock.now()) throw notFound(service, id);
  return entry;
}
