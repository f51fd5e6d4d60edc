import { z } from "zod";
import type { GroupRow } from "../../directory/directory.js";
import { badRequest, forbidden, notFound, Service } from "../../graph/errors.js";
import { needs, permitted } from "../../graph/permissions.js";
import { created, type GraphRequest, type GraphResponse, noContent, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerCount, answerItem, answerList, type Listing } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { checkAdvanced, checkCount } from "./advanced.js";
import { groupOf, isDynamic, newMembers } from "./members.js";
import { callerOf, expandedOwners, mayManage } from "./owners.js";
import { groupJson, objectJson } from "./project.js";

const service = Service.directory;
/** Longest page of a list with `$expand`, whatever `$top` says. */
const EXPANDED_PAGE = 100;
const REFUSED = "Request_BadRequest";
const binds = { "members@odata.bind": z.array(z.string()).optional() };

const editable = z.object({
  displayName: z.string().min(1).max(256),
  description: z.string().max(1024).nullable().optional(),
  mailNickname: z.string().regex(/^[^\s@()\\[\]";:<>,]{1,64}$/),
  membershipRule: z.string().nullable().optional(),
});
const newGroup = editable.extend({
  ...binds,
  mailEnabled: z.literal(false),
  securityEnabled: z.literal(true),
  groupTypes: z.array(z.string()).default([]),
  uniqueName: z.string().min(1).max(128).nullable().optional(),
});
const groupPatch = editable.partial().extend({ ...binds, groupTypes: z.array(z.string()).optional() });
/** An upsert creates with these where the body leaves them out. */
const securityGroup = { mailEnabled: false, securityEnabled: true };

/** Security groups: read, create, change, delete, and create by unique name if missing. */
export function groupRoutes(world: World): Route[] {
  const base = { service } as const;
  const all = () => world.directory.groups.visibleAll();
  return [
    { ...base, method: "GET", path: "/groups", needs: needs.readGroups, handle: (request) => list(world, request) },
    {
      ...base,
      method: "GET",
      path: "/groups/$count",
      needs: needs.readGroups,
      handle: (request) => countGroups(request, all()),
    },
    {
      ...base,
      method: "POST",
      path: "/groups",
      needs: needs.createGroups,
      handle: (request) => create(world, request),
    },
    {
      ...base,
      method: "GET",
      path: "/groups(uniqueName)",
      needs: needs.readGroups,
      handle: (request) => byName(world, request),
    },
    {
      ...base,
      method: "PATCH",
      path: "/groups(uniqueName)",
      needs: needs.writeGroups,
      handle: (request) => upsert(world, request),
    },
    { ...base, method: "GET", path: "/groups/{id}", needs: needs.readGroups, handle: (request) => get(world, request) },
    {
      ...base,
      method: "PATCH",
      path: "/groups/{id}",
      needs: needs.writeGroups,
      handle: (request) => patch(world, request, groupOf(world, request)),
    },
    {
      ...base,
      method: "DELETE",
      path: "/groups/{id}",
      needs: needs.createGroups,
      handle: (request) => remove(world, request),
    },
  ];
}

function listing(world: World, request: GraphRequest, rows: readonly GroupRow[]): Listing<GroupRow> {
  const members = (row: GroupRow) =>
    [...world.directory.membersOf(row.id)].slice(0, 20).flatMap((id) => objectJson(world, id) ?? []);
  return {
    rows,
    project: groupJson,
    context: "groups",
    expand: {
      members: (row) => ({ members: members(row) }),
      owners: (row, nested) => ({ owners: expandedOwners(world, request, row, nested) }),
    },
    ...(request.query.expand.length === 0 ? {} : { maxPageSize: EXPANDED_PAGE }),
  };
}

function list(world: World, request: GraphRequest): GraphResponse {
  checkAdvanced(request);
  return answerList(request, listing(world, request, world.directory.groups.visibleAll()));
}

function countGroups(request: GraphRequest, rows: readonly GroupRow[]): GraphResponse {
  checkCount(request);
  return answerCount(request, { rows, project: groupJson, context: "groups" });
}

function get(world: World, request: GraphRequest): GraphResponse {
  return answerItem(request, groupOf(world, request), listing(world, request, []));
}

function byName(world: World, request: GraphRequest): GraphResponse {
  return answerItem(request, named(world, request) ?? missing(request), listing(world, request, []));
}

function create(world: World, request: GraphRequest, uniqueName?: string): GraphResponse {
  const body = readBody(newGroup, request.body, REFUSED);
  const name = uniqueName ?? body.uniqueName ?? null;
  if (name !== null && world.directory.groups.all().some((group) => group.uniqueName === name)) {
    throw badRequest("Another object with the same value for property uniqueName already exists.", REFUSED);
  }
  const row: GroupRow = {
    id: world.newId("group"),
    displayName: body.displayName,
    description: body.description ?? null,
    mailNickname: body.mailNickname,
    groupTypes: body.groupTypes,
    membershipRule: body.membershipRule ?? null,
    uniqueName: name,
    createdAt: world.clock.now(),
  };
  checkRule(row);
  const members = newMembers(world, row, body["members@odata.bind"] ?? []);
  world.directory.setGroup(row);
  // Who makes a group becomes its owner (graph.md §8).
  world.directory.addOwner(row.id, callerOf(request));
  world.directory.addMembers(row.id, members);
  return created({ "@odata.context": `${request.root}/$metadata#groups/$entity`, ...groupJson(row) });
}

/** `Prefer: create-if-missing` makes a group with that unique name, or changes the one there is (graph.md §6.2). */
function upsert(world: World, request: GraphRequest): GraphResponse {
  const group = world.directory.groups.all().find(({ uniqueName }) => uniqueName === request.params.uniqueName);
  if (group !== undefined) return patch(world, request, group);
  if (!/create-if-missing/i.test(request.headers.prefer ?? "")) return missing(request);
  if (!permitted(request.roles, needs.createGroups)) throw forbidden(service);
  const body = { ...securityGroup, ...(request.body as object) };
  return create(world, { ...request, body }, request.params.uniqueName);
}

function patch(world: World, request: GraphRequest, group: GroupRow): GraphResponse {
  const { "members@odata.bind": references, ...changes } = readBody(groupPatch, request.body, REFUSED);
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length > 0 && !mayManage(world, request, group)) throw forbidden(service);
  const changed: GroupRow = { ...group, ...given };
  checkRule(changed);
  // A rule decides about the members from now on; whom it means nobody evaluates here.
  if (isDynamic(changed) && !isDynamic(group)) {
    world.directory.removeMembers(group.id, [...world.directory.membersOf(group.id)]);
  }
  world.directory.addMembers(group.id, newMembers(world, changed, references ?? []));
  if (Object.keys(given).length > 0) world.directory.setGroup(changed);
  return noContent();
}

function checkRule(group: GroupRow): void {
  if (isDynamic(group) === (group.membershipRule !== null)) return;
  throw badRequest("groupTypes must contain DynamicMembership exactly when there is a membershipRule.", REFUSED);
}

function remove(world: World, request: GraphRequest): GraphResponse {
  const group = groupOf(world, request);
  if (!mayManage(world, request, group)) throw forbidden(service);
  world.directory.removeGroup(group);
  return noContent();
}

function named(world: World, request: GraphRequest): GroupRow | undefined {
  return world.directory.groups.visibleAll().find(({ uniqueName }) => uniqueName === request.params.uniqueName);
}

function missing(request: GraphRequest): never {
  throw notFound(service, request.params.uniqueName ?? "");
}
