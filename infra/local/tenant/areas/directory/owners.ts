import type { GroupRow } from "../../directory/directory.js";
import { badRequest, forbidden, notFound, Service } from "../../graph/errors.js";
import { needs, permitted } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, type Json, noContent, type Route } from "../../graph/types.js";
import { answerList, select } from "../../odata/listing.js";
import type { Expansion } from "../../odata/options.js";
import { servicePrincipalOf } from "../../state/ids.js";
import type { World } from "../../world.js";
import { checkAdvanced } from "./advanced.js";
import { groupOf, idOfReference } from "./members.js";
import { typeOf, userJson } from "./project.js";

const service = Service.directory;
const REFUSED = "Request_BadRequest";
const MAX_OWNERS = 100;
/** Most objects that `$expand` adds. */
const MAX_EXPANDED = 20;

/** Owners of groups: users and service principals, listed, added and removed one by one. */
export function ownerRoutes(world: World): Route[] {
  const owners = "/groups/{id}/owners";
  const write = { service, needs: needs.createGroups } as const;
  return [
    { service, needs: needs.readGroups, method: "GET", path: owners, handle: (request) => list(world, request) },
    { ...write, method: "POST", path: `${owners}/$ref`, handle: (request) => add(world, request) },
    { ...write, method: "DELETE", path: `${owners}/{owner}/$ref`, handle: (request) => remove(world, request) },
  ];
}

/** Object id of the application that calls. */
export function callerOf({ clientId }: GraphRequest): string {
  return servicePrincipalOf(clientId);
}

/** Whether the caller may change or delete a group: any with the wider permissions, with Group.Create its own. */
export function mayManage(world: World, request: GraphRequest, group: GroupRow): boolean {
  if (permitted(request.roles, needs.manageGroups)) return true;
  return permitted(request.roles, needs.createGroups) && world.directory.ownersOf(group.id).has(callerOf(request));
}

/** What `$expand=owners` adds to a group. */
export function expandedOwners(world: World, request: GraphRequest, { id }: GroupRow, nested: Expansion): Json[] {
  const owners = visibleOwners(world, request, id).slice(0, MAX_EXPANDED);
  return owners.map((owner) => select(ownerJson(world, request, owner), nested.select));
}

function list(world: World, request: GraphRequest): GraphResponse {
  checkAdvanced(request);
  const rows = visibleOwners(world, request, groupOf(world, request).id);
  return answerList(request, {
    rows,
    project: (id) => ownerJson(world, request, id),
    context: "directoryObjects",
  });
}

/** Version 1.0 does not list service principals among the owners, as Graph's documentation says. */
function visibleOwners({ directory }: World, { version }: GraphRequest, groupId: string): string[] {
  const owners = [...directory.ownersOf(groupId)];
  return version === "beta" ? owners : owners.filter((id) => directory.users.get(id) !== undefined);
}

/** Of an object whose kind the caller may not read there are only its id and type. */
function ownerJson({ directory }: World, { roles }: GraphRequest, id: string): Json {
  const user = directory.users.get(id);
  if (user !== undefined) {
    const json = { "@odata.type": "#microsoft.graph.user", ...userJson(user) };
    return permitted(roles, needs.readUsers) ? json : limited(json);
  }
  const json = { "@odata.type": "#microsoft.graph.servicePrincipal", id, ...directory.servicePrincipals.get(id) };
  return permitted(roles, needs.readServicePrincipals) ? json : limited(json);
}

function limited(json: Json): Json {
  const shown = new Set(["@odata.type", "id"]);
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, shown.has(name) ? value : null]));
}

function add(world: World, request: GraphRequest): GraphResponse {
  const { directory } = world;
  const group = managed(world, request);
  const reference = (request.body as Json | undefined)?.["@odata.id"];
  if (typeof reference !== "string") throw badRequest("Invalid URL format specified in the reference.", REFUSED);
  const id = idOfReference(reference);
  checkKind(world, id);
  const owners = directory.ownersOf(group.id);
  if (owners.has(id)) {
    const found = "One or more added object references already exist for the following modified properties: 'owners'.";
    throw badRequest(found, REFUSED);
  }
  if (owners.size >= MAX_OWNERS) throw badRequest(`A group can have at most ${MAX_OWNERS} owners.`, REFUSED);
  directory.addOwner(group.id, id);
  return noContent();
}

/** Only users and service principals own groups. Throws 400, or 404 for an object that does not exist. */
function checkKind(world: World, id: string): void {
  const { users, servicePrincipals } = world.directory;
  if (users.get(id) !== undefined || servicePrincipals.get(id) !== undefined) return;
  const kind = typeOf(world, id);
  if (kind === undefined) throw notFound(service, id);
  const type = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const found = `The reference target '${type}_${id}' of type '${type}' is invalid for the 'owners' reference.`;
  throw badRequest(found, REFUSED);
}

/** Service principals do not count as the one owner that has to stay: the last user stays even beside them. */
function remove(world: World, request: GraphRequest): GraphResponse {
  const { directory } = world;
  const group = managed(world, request);
  const id = (request.params.owner ?? "").toLowerCase();
  const owners = directory.ownersOf(group.id);
  if (!owners.has(id)) throw notFound(service, id);
  const isUser = (each: string) => directory.users.get(each) !== undefined;
  const isLastUser = isUser(id) && [...owners].filter(isUser).length === 1;
  if (owners.size === 1 || isLastUser) {
    throw badRequest("The group must have at least one owner, hence this owner cannot be removed.", REFUSED);
  }
  directory.removeOwner(group.id, id);
  return noContent();
}

/** The group that a request names, if the caller may say who owns it. Throws 403 or 404. */
function managed(world: World, request: GraphRequest): GroupRow {
  const group = groupOf(world, request);
  if (!mayManage(world, request, group)) throw forbidden(service);
  return group;
}
