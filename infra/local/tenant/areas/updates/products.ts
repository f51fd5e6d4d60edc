import type { CatalogueEntry, Revision } from "../../catalogue/entry.js";
import { entryJson, knowledgeBaseJson, revisionJson } from "../../catalogue/json.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, GraphResponse, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { Expansion } from "../../odata/options.js";
import type { World } from "../../world.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/products";
const context = "admin/windows/updates/products";

interface Release {
  readonly entry: CatalogueEntry;
  readonly revision: Revision;
}

interface Product {
  readonly id: string;
  readonly product: string;
  readonly version: string;
  readonly releases: readonly Release[];
}

/** Windows versions with what was released for them. Known issues: none are invented here (graph.md §1.2). */
export function productRoutes(world: World): Route[] {
  const base = { service, needs: needs.windowsUpdates, only: "beta", method: "GET" } as const;
  const some = (request: GraphRequest, wanted: (release: Release) => boolean): GraphResponse => {
    const rows = products(world, wanted).filter(({ releases }) => releases.length > 0);
    return answerList(request, { ...shape, rows });
  };
  const one = (request: GraphRequest): Product => {
    const id = request.params.id ?? "";
    const found = products(world).find((product) => product.id === id);
    if (found === undefined) throw notFound(service, id);
    return found;
  };
  const revisions = (request: GraphRequest): GraphResponse =>
    answerList(request, {
      rows: one(request).releases,
      project: ({ entry, revision }) => revisionJson(entry, revision),
      context: `${context}/revisions`,
    });
  const none = (request: GraphRequest): GraphResponse => {
    one(request);
    return answerList(request, { rows: [], project: (row: Json) => row, context: `${context}/knownIssues` });
  };
  return [
    { ...base, path: PATH, handle: (request) => answerList(request, { ...shape, rows: products(world) }) },
    {
      ...base,
      path: `${PATH}/FindByKbNumber(kbNumber)`,
      handle: (request) => some(request, ({ revision }) => revision.kb === `KB${request.params.kbNumber}`),
    },
    {
      ...base,
      path: `${PATH}/FindByCatalogId(catalogID)`,
      handle: (request) => some(request, ({ entry }) => entry.id === request.params.catalogID),
    },
    { ...base, path: `${PATH}/{id}`, handle: (request) => answerItem(request, one(request), shape) },
    { ...base, path: `${PATH}/{id}/revisions`, handle: revisions },
    { ...base, path: `${PATH}/{id}/knownIssues`, handle: none },
    { ...base, path: `${PATH}/{id}/GetKnownIssuesByTimeRange(daysInPast,includeAllActive?)`, handle: none },
  ];
}

const shape = {
  context,
  project: ({ id, product, version }: Product): Json => ({
    id,
    name: `${product}, version ${version}`,
    groupName: product,
    friendlyNames: [`Version ${version}`],
  }),
  expand: {
    revisions: ({ releases }: Product, nested: Expansion) => ({
      revisions: releases.map((release) => expandedRevision(release, nested)),
    }),
    knownIssues: () => ({ knownIssues: [] }),
    editions: () => ({ editions: [] }),
  },
};

function expandedRevision({ entry, revision }: Release, nested: Expansion): Json {
  const { knowledgeBaseArticle: _article, ...rest } = revisionJson(entry, revision);
  const wanted = (name: string) => nested.expand.some((each) => each.name === name);
  return {
    ...rest,
    ...(wanted("catalogEntry") ? { catalogEntry: entryJson(entry) } : {}),
    ...(wanted("knowledgeBaseArticle") ? { knowledgeBaseArticle: knowledgeBaseJson(revision) } : {}),
  };
}

function products(world: World, wanted: (release: Release) => boolean = () => true): Product[] {
  const found = new Map<string, Release[]>();
  for (const entry of world.catalogue.published(world.clock.now())) {
    for (const revision of entry.revisions) {
      const key = `${revision.product}|${revision.version}`;
      found.set(key, [...(found.get(key) ?? []), { entry, revision }]);
    }
  }
  return [...found].map(([key, releases], at) => {
    const [product = "", version = ""] = key.split("|");
    return { id: String(at + 1), product, version, releases: releases.filter(wanted) };
  });
}
