import { badRequest, GraphFault, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, type Json, ok, type Route } from "../../graph/types.js";
import { link, select } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { deviceJson, groupJson, objectJson } from "./project.js";

const service = Service.directory;
/** Items, and members of one item, on a page. */
const PAGE = 200;

/** Delta queries over groups (with members) and devices (graph.md §3.6). */
export function deltaRoutes(world: World): Route[] {
  const route = (kind: "groups" | "devices", permissions: Route["needs"]): Route => ({
    method: "GET",
    path: `/${kind}/delta`,
    service,
    needs: permissions,
    handle: (request) => delta(world, request, kind),
  });
  return [route("groups", needs.readGroupDevices), route("devices", needs.readDevices)];
}

interface Position {
  /** Where the client was; absent for the first, full round. */
  readonly since?: string;
  /** What the deltaLink at the end will stand for. */
  readonly until: string;
  readonly from: number;
}

function delta(world: World, request: GraphRequest, kind: "groups" | "devices"): GraphResponse {
  const { query } = request;
  if (query.filter !== undefined || query.top !== undefined) {
    throw badRequest("$filter and $top are not supported with delta.", "Request_UnsupportedQuery");
  }
  const until = world.directory.log.token();
  if (query.deltaToken === "latest") return page(request, kind, [], { until, from: 0 });
  const position: Position =
    query.skipToken === undefined
      ? { ...(query.deltaToken === undefined ? {} : { since: query.deltaToken }), until, from: 0 }
      : readPosition(query.skipToken);
  const items = position.since === undefined ? everything(world, kind) : changes(world, kind, position.since);
  return page(request, kind, items, position);
}

function page(request: GraphRequest, kind: string, items: readonly Json[], position: Position): GraphResponse {
  const end = position.from + PAGE;
  const query = new URLSearchParams(request.query.raw);
  query.delete("$deltatoken");
  query.delete("$skiptoken");
  const more = end < items.length;
  const next = { ...position, from: end };
  if (more) query.set("$skiptoken", Buffer.from(JSON.stringify(next)).toString("base64url"));
  else query.set("$deltatoken", position.until);
  const keep = new Set(["id", "members@delta"]);
  return ok({
    "@odata.context": `${request.root}/$metadata#${kind}`,
    [more ? "@odata.nextLink" : "@odata.deltaLink"]: link(request, `/${kind}/delta`, query),
    value: items.slice(position.from, end).map((item) => select(item, request.query.select, keep)),
  });
}

function everything(world: World, kind: "groups" | "devices"): Json[] {
  if (kind === "devices") return world.directory.devices.all().map(deviceJson);
  return world.directory.groups.all().flatMap((group) => {
    const members = [...world.directory.membersOf(group.id)].map((id) => memberChange(world, id, false));
    return chunks(members).map((part) => ({
      ...groupJson(group),
      ...(part.length === 0 ? {} : { "members@delta": part }),
    }));
  });
}

function changes(world: World, kind: "groups" | "devices", since: string): Json[] {
  const log = world.directory.log.since(kind, since);
  if (log === undefined)
    throw new GraphFault(410, "syncStateNotFound", "The sync state has expired: start a full sync.");
  const items = new Map<string, { deleted: boolean; members: Map<string, boolean> }>();
  for (const { id, deleted, members } of log) {
    const item = items.get(id) ?? { deleted: false, members: new Map<string, boolean>() };
    for (const each of members?.added ?? []) item.members.set(each, false);
    for (const each of members?.removed ?? []) item.members.set(each, true);
    items.set(id, { deleted: deleted || item.deleted, members: item.members });
  }
  return [...items].flatMap(([id, { deleted, members }]): Json[] => {
    const object = kind === "devices" ? world.directory.devices.get(id) : world.directory.groups.get(id);
    if (deleted || object === undefined) return [{ id, "@removed": { reason: "deleted" } }];
    const json = objectJson(world, id) ?? { id };
    const delta = [...members].map(([member, removed]) => memberChange(world, member, removed));
    return chunks(delta).map((part) => ({ ...untyped(json), ...(part.length === 0 ? {} : { "members@delta": part }) }));
  });
}

function untyped({ "@odata.type": _type, ...rest }: Json): Json {
  return rest;
}

function memberChange(world: World, id: string, removed: boolean): Json {
  const type = world.directory.groups.get(id) === undefined ? "#microsoft.graph.device" : "#microsoft.graph.group";
  return { "@odata.type": type, id, ...(removed ? { "@removed": { reason: "deleted" } } : {}) };
}

/** At least one part, so that a group without members is listed too. */
function chunks(members: readonly Json[]): Json[][] {
  const parts: Json[][] = [];
  for (let at = 0; at === 0 || at < members.length; at += PAGE) parts.push(members.slice(at, at + PAGE));
  return parts;
}

function readPosition(token: string): Position {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Position;
  } catch {
    throw badRequest("Skip token is invalid.");
  }
}
