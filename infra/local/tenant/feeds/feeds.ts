import type { GraphResponse } from "../graph/types.js";
import type { Site } from "../site.js";
import type { World } from "../world.js";
import { edgeList } from "./edge.js";
import { kevCatalogue } from "./kev.js";
import { msrcDocument, msrcList } from "./msrc.js";
import { officeList } from "./office.js";

/** Path of the MSRC's service, and of CISA's catalogue, below the origin of the tenant. */
export const MSRC_PATH = "/cvrf/v3.0/";
export const KEV_PATH = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/** Paths of the lists of Office and Edge releases. */
export const OFFICE_PATH = "/releases/v1.0/OfficeReleases";
export const EDGE_PATH = "/api/products";

/**
 * The public lists of vulnerabilities (graph.md §5.1) and of app versions, as they were at the present instant of domain
 * time: exploited vulnerabilities are those that the update catalogue names.
 */
export function publicFeeds(world: World): Site {
  return {
    answer: ({ method, path }) => {
      const response = feedAnswer(world, method, path);
      return response && { response };
    },
  };
}

function feedAnswer(world: World, method: string, path: string): GraphResponse | undefined {
  if (method !== "GET") return undefined;
  if (path === KEV_PATH) return { status: 200, body: kevCatalogue(world) };
  if (path === OFFICE_PATH) return { status: 200, body: officeList(world) };
  if (path === EDGE_PATH) return { status: 200, body: edgeList(world) };
  if (!path.startsWith(MSRC_PATH)) return undefined;
  const rest = decodeURIComponent(path.slice(MSRC_PATH.length));
  if (rest === "updates") return { status: 200, body: msrcList(world) };
  const id = /^cvrf(?:\/([^/()]+)|\('([^']+)'\))$/
    .exec(rest)
    ?.slice(1)
    .find((part) => part !== undefined);
  const document = id === undefined ? undefined : msrcDocument(world, id);
  if (document !== undefined) return { status: 200, body: document };
  return { status: 404, body: { error: { code: "NotFound", message: "There is no such document." } } };
}
