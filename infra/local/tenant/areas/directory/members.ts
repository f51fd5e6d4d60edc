import type { GroupRow } from "../../directory/directory.js";
import { badRequest, notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, type Json, noContent, type Route } from "../../graph/types.js";
import { answerCount, answerList, type Listing } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { checkAdvanced, checkCount } from "./advanced.js";
import { MemberType, objectJson, typeOf } from "./project.js";

const service = Service.directory;
const REFUSED = "Request_BadRequest";
/** Most references in one `members@odata.bind` (graph.md §3.1). */
const MAX_BINDS = 20;

type MemberIds = (request: GraphRequest) => readonly string[];

/** Members of groups: direct and through nesting, of any type or cast to one, added one by one or by twenty. */
export function memberRoutes(world: World): Route[] {
  const write = { service, needs: needs.writeMembers } as const;
  const direct: MemberIds = (request) => [...world.directory.membersOf(groupOf(world, request).id)];
  const transitive: MemberIds = (request) => world.directory.transitiveMembers(groupOf(world, request).id);
  const member = "/groups/{id}/members/{member}";
  return [
    ...readRoutes(world, "/groups/{id}/members", direct),
    ...readRoutes(world, "/groups/{id}/transitiveMembers", transitive),
    {
      ...write,
      method: "POST",
      path: "/groups/{id}/members/$ref",
      handle: (request) => addReference(world, request),
    },
    { ...write, method: "DELETE", path: `${member}/$ref`, handle: (request) => remove(world, request) },
    {
      service,
      needs: needs.deleteDevices,
      method: "DELETE",
      path: member,
      handle: (request) => deleteObject(world, request),
    },
  ];
}

const CAST_NEEDS = {
  device: needs.readGroupDevices,
  user: needs.readGroupUsers,
  group: needs.readGroups,
} as const satisfies Record<MemberType, Route["needs"]>;

/** The list and its count, and both for each type the path can be cast to. */
function readRoutes(world: World, path: string, idsOf: MemberIds): Route[] {
  const read = (at: string, permissions: Route["needs"], handle: Route["handle"]): Route => ({
    method: "GET",
    path: at,
    service,
    needs: permissions,
    handle,
  });
  const casts = Object.values(MemberType).flatMap((type) => {
    const ids: MemberIds = (request) => idsOf(request).filter((id) => typeOf(world, id) === type);
    const cast = `${path}/microsoft.graph.${type}`;
    return [
      read(cast, CAST_NEEDS[type], (request) => listCast(world, request, type, ids(request))),
      read(`${cast}/$count`, CAST_NEEDS[type], (request) => count(world, request, ids(request))),
    ];
  });
  return [
    read(path, needs.readGroups, (request) => list(world, request, idsOf(request))),
    read(`${path}/$count`, needs.readGroups, (request) => count(world, request, idsOf(request))),
    ...casts,
  ];
}

/** The group a request names. Throws 404. */
export function groupOf(world: World, request: GraphRequest): GroupRow {
  const id = request.params.id ?? "";
  const group = world.directory.groups.visible(id);
  if (group === undefined) throw notFound(service, id);
  return group;
}

/** The objects that `members@odata.bind` adds: all of them are good, or none is added. Throws 400 or 404 as Graph does. */
export function newMembers(world: World, group: GroupRow, references: readonly string[]): string[] {
  if (references.length > MAX_BINDS) {
    throw badRequest(`The number of references in members@odata.bind exceeds the limit of ${MAX_BINDS}.`, REFUSED);
  }
  const ids = references.map(idOfReference);
  if (ids.length > 0) checkNewMembers(world, group, ids);
  return ids;
}

/** Whether a rule decides about the members, so that nobody else may (graph.md §3.1). */
export function isDynamic({ groupTypes }: GroupRow): boolean {
  return groupTypes.includes("DynamicMembership");
}

function checkNewMembers(world: World, group: GroupRow, ids: readonly string[]): void {
  if (isDynamic(group)) throw ruled();
  const members = world.directory.membersOf(group.id);
  for (const id of ids) {
    if (objectJson(world, id) === undefined) throw notFound(service, id);
    if (members.has(id) || ids.indexOf(id) !== ids.lastIndexOf(id)) {
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'members'.",
        REFUSED,
      );
    }
  }
}

function ruled(): Error {
  return badRequest("Insufficient privileges: a group with dynamic membership cannot be modified.", REFUSED);
}

function addReference(world: World, request: GraphRequest): GraphResponse {
  const reference = (request.body as Json | undefined)?.["@odata.id"];
  if (typeof reference !== "string") throw badRequest("Invalid URL format specified in the reference.", REFUSED);
  const group = groupOf(world, request);
  world.directory.addMembers(group.id, newMembers(world, group, [reference]));
  return noContent();
}

function remove(world: World, request: GraphRequest): GraphResponse {
  const group = groupOf(world, request);
  if (isDynamic(group)) throw ruled();
  const member = (request.params.member ?? "").toLowerCase();
  if (!world.directory.membersOf(group.id).has(member)) throw notFound(service, member);
  world.directory.removeMembers(group.id, [member]);
  return noContent();
}

/** Without `$ref` it is the device that goes, not the membership (graph.md §3.1). */
function deleteObject(world: World, request: GraphRequest): GraphResponse {
  const device = world.directory.devices.get(request.params.member ?? "");
  if (device === undefined) throw notFound(service, request.params.member ?? "");
  world.directory.removeDevice(device);
  return noContent();
}

/** The object that a reference such as `…/directoryObjects/{id}` names. Throws 400. */
export function idOfReference(reference: string): string {
  const id =
    /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|devices|groups|users|servicePrincipals)\/([0-9a-f-]{36})$/i.exec(
      reference,
    )?.[1];
  if (id === undefined) throw badRequest(`Invalid URL format specified in payload: '${reference}'.`, REFUSED);
  return id.toLowerCase();
}

function list(world: World, request: GraphRequest, ids: readonly string[]): GraphResponse {
  checkAdvanced(request);
  return answerList(request, listing(world, ids));
}

function listCast(world: World, request: GraphRequest, type: MemberType, ids: readonly string[]): GraphResponse {
  checkAdvanced(request, { cast: true });
  return answerList(request, { ...listing(world, ids), context: `${type}s` });
}

function count(world: World, request: GraphRequest, ids: readonly string[]): GraphResponse {
  checkCount(request);
  return answerCount(request, listing(world, ids));
}

function listing(world: World, ids: readonly string[]): Listing<string> {
  return { rows: ids, project: (id) => objectJson(world, id) ?? { id }, context: "directoryObjects" };
}
