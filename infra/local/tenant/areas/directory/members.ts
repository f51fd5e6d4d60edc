import type { GroupRow } from "../../directory/directory.js";
import { badRequest, notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { type GraphRequest, type GraphResponse, type Json, noContent, type Route } from "../../graph/types.js";
import { answerCount, answerList, type Listing } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { checkAdvanced, checkCount } from "./advanced.js";
import { objectJson } from "./project.js";

const service = Service.directory;
const REFUSED = "Request_BadRequest";
/** Most references in one `members@odata.bind` (graph.md §3.1). */
const MAX_BINDS = 20;

/** Members of groups: direct and through nesting, added one by one or by twenty. */
export function memberRoutes(world: World): Route[] {
  const route = (
    method: Route["method"],
    path: string,
    permissions: Route["needs"],
    handle: Route["handle"],
  ): Route => ({
    method,
    path,
    service,
    needs: permissions,
    handle,
  });
  const direct = (request: GraphRequest) => [...world.directory.membersOf(groupOf(world, request).id)];
  const transitive = (request: GraphRequest) => world.directory.transitiveMembers(groupOf(world, request).id);
  const read = needs.readGroups;
  const readDevices = needs.readGroupDevices;
  const device = "microsoft.graph.device";
  return [
    route("GET", "/groups/{id}/members", read, (request) => list(world, request, direct(request))),
    route("GET", "/groups/{id}/members/$count", read, (request) => count(world, request, direct(request))),
    route("GET", `/groups/{id}/members/${device}`, readDevices, (request) => devices(world, request, direct(request))),
    route("GET", "/groups/{id}/transitiveMembers", read, (request) => list(world, request, transitive(request))),
    route("GET", "/groups/{id}/transitiveMembers/$count", read, (request) =>
      count(world, request, transitive(request)),
    ),
    route("GET", `/groups/{id}/transitiveMembers/${device}`, readDevices, (request) =>
      devices(world, request, transitive(request)),
    ),
    route("GET", `/groups/{id}/transitiveMembers/${device}/$count`, readDevices, (request) =>
      count(
        world,
        request,
        transitive(request).filter((id) => world.directory.devices.get(id) !== undefined),
      ),
    ),
    route("POST", "/groups/{id}/members/$ref", needs.writeMembers, (request) => addReference(world, request)),
    route("DELETE", "/groups/{id}/members/{member}/$ref", needs.writeMembers, (request) => remove(world, request)),
    route("DELETE", "/groups/{id}/members/{member}", needs.deleteDevices, (request) => deleteObject(world, request)),
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

function checkNewMembers(world: World, group: GroupRow, ids: readonly string[]): void {
  if (group.groupTypes.includes("DynamicMembership")) {
    throw badRequest("Insufficient privileges: a group with dynamic membership cannot be modified.", REFUSED);
  }
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

function addReference(world: World, request: GraphRequest): GraphResponse {
  const reference = (request.body as Json | undefined)?.["@odata.id"];
  if (typeof reference !== "string") throw badRequest("Invalid URL format specified in the reference.", REFUSED);
  const group = groupOf(world, request);
  world.directory.addMembers(group.id, newMembers(world, group, [reference]));
  return noContent();
}

function remove(world: World, request: GraphRequest): GraphResponse {
  const group = groupOf(world, request);
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

function idOfReference(reference: string): string {
  const id = /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|devices|groups)\/([0-9a-f-]{36})$/i.exec(
    reference,
  )?.[1];
  if (id === undefined) throw badRequest(`Invalid URL format specified in payload: '${reference}'.`, REFUSED);
  return id.toLowerCase();
}

function list(world: World, request: GraphRequest, ids: readonly string[]): GraphResponse {
  checkAdvanced(request);
  return answerList(request, listing(world, ids));
}

function devices(world: World, request: GraphRequest, ids: readonly string[]): GraphResponse {
  checkAdvanced(request, { cast: true });
  return answerList(request, {
    ...listing(
      world,
      ids.filter((id) => world.directory.devices.get(id) !== undefined),
    ),
    context: "devices",
  });
}

function count(world: World, request: GraphRequest, ids: readonly string[]): GraphResponse {
  checkCount(request);
  return answerCount(request, listing(world, ids));
}

function listing(world: World, ids: readonly string[]): Listing<string> {
  return { rows: ids, project: (id) => objectJson(world, id) ?? { id }, context: "directoryObjects" };
}
