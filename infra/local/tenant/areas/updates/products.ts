import type { CatalogueEntry, Revision } from "../../catalogue/entry.js";
import { entryJson, knowledgeBaseJson, revisionJson } from "../../catalogue/json.js";
import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, GraphResponse, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { Expansion } from "../../odata/options.js";
import { type KnownIssue, knownIssues, statusOf } from "../../release-health/known-issues.js";
import type { SafeguardHold } from "../../release-health/safeguard-holds.js";
import { dateText, type World } from "../../world.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/products";
const context = "admin/windows/updates/products";
const DAY_MS = 86_400_000;

interface Release {
  readonly entry: CatalogueEntry;
  readonly revision: Revision;
}

interface Product {
  readonly id: string;
  readonly product: string;
  readonly version: string;
  readonly releases: readonly Release[];
  readonly knownIssues: readonly Json[];
}

/** Windows versions with what was released for them, and what is known to be wrong with it (graph.md §1.2). */
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
  const issues = (request: GraphRequest): GraphResponse =>
    answerList(request, { rows: one(request).knownIssues, project: (row) => row, context: `${context}/knownIssues` });
  const recentIssues = (request: GraphRequest): GraphResponse => {
    const { daysInPast, includeAllActive = "false" } = request.params;
    const since = world.clock.now() - Number(daysInPast) * DAY_MS;
    const isRecent = (date: unknown) => Date.parse(String(date)) >= since;
    const rows = one(request).knownIssues.filter(({ startDateTime, resolvedDateTime }) =>
      resolvedDateTime === null ? includeAllActive === "true" || isRecent(startDateTime) : isRecent(resolvedDateTime),
    );
    return answerList(request, { rows, project: (row) => row, context: `${context}/knownIssues` });
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
    { ...base, path: `${PATH}/{id}/knownIssues`, handle: issues },
    { ...base, path: `${PATH}/{id}/GetKnownIssuesByTimeRange(daysInPast,includeAllActive?)`, handle: recentIssues },
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
    knownIssues: (product: Product) => ({ knownIssues: product.knownIssues }),
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

/** A known issue of a product. */
function issueJson(issue: KnownIssue, now: number): Json {
  const { id, title, description, revision, startedAt, confirmedAt, resolved } = issue;
  const lastUpdatedAt = resolved?.at ?? (now >= confirmedAt ? confirmedAt : startedAt);
  return {
    id,
    title,
    description,
    status: statusOf(issue, now),
    webViewUrl: `https://admin.microsoft.com/Adminportal/Home#/windowsreleasehealth/knownissues/:/issue/${id}`,
    startDateTime: dateText(startedAt),
    resolvedDateTime: resolved === undefined ? null : dateText(resolved.at),
    lastUpdatedDateTime: dateText(lastUpdatedAt),
    safeguardHoldIds: [],
    knownIssueHistories: [
      { createdDateTime: dateText(startedAt), body: { content: description, contentType: "html" } },
    ],
    originatingKnowledgeBaseArticle: knowledgeBaseJson(revision),
    resolvingKnowledgeBaseArticle: resolved === undefined ? null : knowledgeBaseJson(resolved.revision),
  };
}

/** The known issue behind a safeguard hold: no article brought it, and none resolves it. */
function holdJson({ id, title, attribute, value, startedAt, liftedAt }: SafeguardHold, now: number): Json {
  const isLifted = liftedAt !== undefined && liftedAt <= now;
  const description = `Devices with ${attribute} ${value} are not offered this version of Windows. Safeguard ID: ${id}`;
  return {
    id: `WI${id % 1_000_000}`,
    title,
    description,
    status: isLifted ? "resolved" : "confirmed",
    webViewUrl: `https://admin.microsoft.com/Adminportal/Home#/windowsreleasehealth/knownissues/:/issue/WI${id % 1_000_000}`,
    startDateTime: dateText(startedAt),
    resolvedDateTime: isLifted ? dateText(liftedAt) : null,
    lastUpdatedDateTime: dateText(isLifted ? liftedAt : startedAt),
    safeguardHoldIds: [id],
    knownIssueHistories: [
      { createdDateTime: dateText(startedAt), body: { content: description, contentType: "html" } },
    ],
    originatingKnowledgeBaseArticle: null,
    resolvingKnowledgeBaseArticle: null,
  };
}

function products(world: World, wanted: (release: Release) => boolean = () => true): Product[] {
  const now = world.clock.now();
  const issues = knownIssues(world);
  const found = new Map<string, Release[]>();
  for (const entry of world.catalogue.published(now)) {
    for (const revision of entry.revisions) {
      const key = `${revision.product}|${revision.version}`;
      found.set(key, [...(found.get(key) ?? []), { entry, revision }]);
    }
  }
  return [...found].map(([key, releases], at) => {
    const [product = "", version = ""] = key.split("|");
    const chosen = releases.filter(wanted);
    const ofVersion = issues.filter(
      ({ entry, revision }) =>
        revision.version === version &&
        revision.product === product &&
        chosen.some((release) => release.entry.id === entry.id),
    );
    const holds = world.safeguardHolds.all().filter(({ featureVersion, startedAt }) => {
      return featureVersion === `${product}, version ${version}` && startedAt <= now;
    });
    const known = [...ofVersion.map((issue) => issueJson(issue, now)), ...holds.map((hold) => holdJson(hold, now))];
    return { id: String(at + 1), product, version, releases: chosen, knownIssues: known };
  });
}
