import type { Change } from "../../directory/change-log.js";
import { badRequest, GraphFault, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, type Json, ok, type Route } from "../../graph/types.js";
import type { FilterNode } from "../../odata/filter.js";
import { link, select } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { deviceJson, groupJson, MemberType, objectJson, typeOf } from "./project.js";

const service = Service.directory;
/** Items, and members of one item, on a page. */
const PAGE = 200;
/** Most objects that a filter may name (graph.md §3.6). */
const MAX_IDS = 50;

/** Delta queries over groups, with their members when these are selected, and devices (graph.md §3.6). */
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

/** Which objects, and whether their members, a client follows. */
interface Scope {
  readonly kind: "groups" | "devices";
  /** Undefined: all. */
  readonly ids: ReadonlySet<string> | undefined;
  readonly members: boolean;
}

function delta(world: World, request: GraphRequest, kind: "groups" | "devices"): GraphResponse {
  const { query } = request;
  if (query.top !== undefined) throw badRequest("$top is not supported with delta.", "Request_UnsupportedQuery");
  const ids = query.filter === undefined ? undefined : idsOf(query.filter);
  const scope = { kind, ids, members: query.select?.includes("members") ?? true };
  const until = world.directory.log.token();
  if (query.deltaToken === "latest") return page(request, kind, [], { until, from: 0 });
  const position: Position =
    query.skipToken === undefined
      ? { ...(query.deltaToken === undefined ? {} : { since: query.deltaToken }), until, from: 0 }
      : readPosition(query.skipToken);
  if (position.since === undefined) return page(request, kind, everything(world, scope), position);
  const log = world.directory.log.since(kind, position.since);
  if (log === undefined) throw expired(request, kind);
  return page(request, kind, changes(world, scope, log), position);
}

/** `id eq 'a' or id eq 'b'` is the only filter that delta takes. Throws 400. */
function idsOf(filter: FilterNode): ReadonlySet<string> {
  const ids = new Set(namedIds(filter));
  if (ids.size <= MAX_IDS) return ids;
  throw badRequest(`$filter names ${ids.size} objects: delta takes at most ${MAX_IDS}.`, "Request_UnsupportedQuery");
}

function namedIds(node: FilterNode): string[] {
  if (node.kind === "or") return [...namedIds(node.left), ...namedIds(node.right)];
  if (node.kind === "compare" && node.path === "id" && node.operator === "eq" && typeof node.value === "string") {
    return [node.value.toLowerCase()];
  }
  throw badRequest("With delta, $filter can only name objects by id.", "Request_UnsupportedQuery");
}

/** The token is too old: the answer names where a full round begins. */
function expired(request: GraphRequest, kind: string): GraphFault {
  const query = new URLSearchParams(request.query.raw);
  query.delete("$deltatoken");
  query.delete("$skiptoken");
  const message = "The sync state has expired: start a full sync.";
  return new GraphFault(410, "syncStateNotFound", message, { Location: link(request, `/${kind}/delta`, query) });
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

function everything(world: World, { kind, ids, members }: Scope): Json[] {
  const inScope = <T extends { readonly id: string }>(rows: readonly T[]) =>
    ids === undefined ? rows : rows.filter(({ id }) => ids.has(id));
  if (kind === "devices") return inScope(world.directory.devices.all()).map(deviceJson);
  return inScope(world.directory.groups.all()).flatMap((group) => {
    const all = members ? [...world.directory.membersOf(group.id)] : [];
    return inParts(
      groupJson(group),
      all.map((id) => memberChange(world, id, false)),
    );
  });
}

function changes(world: World, { kind, ids, members: withMembers }: Scope, log: readonly Change[]): Json[] {
  const items = new Map<string, { deleted: boolean; members: Map<string, boolean> }>();
  for (const { id, deleted, members } of log) {
    if (ids?.has(id) === false || (members !== undefined && !withMembers)) continue;
    const item = items.get(id) ?? { deleted: false, members: new Map<string, boolean>() };
    for (const each of members?.added ?? []) item.members.set(each, false);
    for (const each of members?.removed ?? []) item.members.set(each, true);
    items.set(id, { deleted: deleted || item.deleted, members: item.members });
  }
  return [...items].flatMap(([id, { deleted, members }]): Json[] => {
    const object = kind === "devices" ? world.directory.devices.get(id) : world.directory.groups.get(id);
    if (deleted || object === undefined) return [{ id, "@removed": { reason: "deleted" } }];
    const delta = [...members].map(([member, removed]) => memberChange(world, member, removed));
    return inParts(untyped(objectJson(world, id) ?? { id }), delta);
  });
}

/** An item as often as its members need pages, at least once. */
function inParts(item: Json, members: readonly Json[]): Json[] {
  return chunks(members).map((part) => (part.length === 0 ? item : { ...item, "members@delta": part }));
}

function untyped({ "@odata.type": _type, ...rest }: Json): Json {
  return rest;
}

/** What is gone from the directory is told as the device it most likely was. */
function memberChange(world: World, id: string, removed: boolean): Json {
  const type = `#microsoft.graph.${typeOf(world, id) ?? MemberType.device}`;
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
