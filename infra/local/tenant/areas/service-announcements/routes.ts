import { notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import type { GraphRequest, GraphResponse, Json, Route } from "../../graph/types.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { knownIssues } from "../../release-health/known-issues.js";
import type { World } from "../../world.js";
import { issueJson } from "./issues.js";
import { announcedUpdates, messageJson } from "./messages.js";

const service = Service.updates;
const PATH = "/admin/serviceAnnouncement";

/** Message center and service health, as far as they speak of Windows (graph.md §4.1). */
export function serviceAnnouncementRoutes(world: World): Route[] {
  const posts = () => announcedUpdates(world).map(messageJson).reverse();
  const issues = () => {
    const now = world.clock.now();
    return knownIssues(world)
      .map((issue) => issueJson(issue, now))
      .reverse();
  };
  const health = () => [windowsHealth(issues())];
  const messages = { service, needs: needs.readServiceMessages, method: "GET" } as const;
  const healthOf = { ...messages, needs: needs.readServiceHealth } as const;
  return [
    { ...messages, path: `${PATH}/messages`, handle: (request) => list(request, "messages", posts()) },
    { ...messages, path: `${PATH}/messages/{id}`, handle: (request) => one(request, "messages", posts()) },
    { ...healthOf, path: `${PATH}/issues`, handle: (request) => list(request, "issues", issues()) },
    { ...healthOf, path: `${PATH}/issues/{id}`, handle: (request) => one(request, "issues", issues()) },
    { ...healthOf, path: `${PATH}/healthOverviews`, handle: (request) => list(request, "healthOverviews", health()) },
    {
      ...healthOf,
      path: `${PATH}/healthOverviews/{id}`,
      handle: (request) => one(request, "healthOverviews", health()),
    },
  ];
}

function shapeOf(name: string) {
  return { project: withoutIssues, context: `admin/serviceAnnouncement/${name}`, expand: { issues } };
}

const issues = (row: Json): Json => ({ issues: row.issues ?? [] });

/** `issues` of an overview come only when they are asked for. */
function withoutIssues({ issues: _issues, ...row }: Json): Json {
  return row;
}

function list(request: GraphRequest, name: string, rows: readonly Json[]): GraphResponse {
  return answerList(request, { ...shapeOf(name), rows });
}

function one(request: GraphRequest, name: string, rows: readonly Json[]): GraphResponse {
  const { id = "" } = request.params;
  const row = rows.find((each) => String(each.id).toLowerCase() === id.toLowerCase());
  if (row === undefined) throw notFound(service, id);
  return answerItem(request, row, shapeOf(name));
}

function windowsHealth(known: readonly Json[]): Json {
  const open = known.filter(({ isResolved }) => isResolved === false);
  const status = open.length === 0 ? "serviceOperational" : "serviceDegradation";
  return { id: "Windows", service: "Windows", status, issues: open };
}
