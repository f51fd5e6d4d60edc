import { z } from "zod";
import type { UserRow } from "../../directory/directory.js";
import { badRequest, notFound, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { created, type GraphRequest, type GraphResponse, noContent, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { checkAdvanced } from "./advanced.js";
import { userJson } from "./project.js";

const service = Service.directory;
const REFUSED = "Request_BadRequest";
const shape = { project: userJson, context: "users" } as const;

const newUser = z.object({
  displayName: z.string().min(1).max(256),
  userPrincipalName: z.string().regex(/^[^\s@]+@[^\s@]+$/),
  accountEnabled: z.boolean(),
});

/** Users, as far as groups hold them. */
export function userRoutes(world: World): Route[] {
  const read = { service, needs: needs.readUsers, method: "GET" } as const;
  const write = { service, needs: needs.writeUsers } as const;
  return [
    { ...read, path: "/users", handle: (request) => list(world, request) },
    { ...write, method: "POST", path: "/users", handle: (request) => create(world, request) },
    { ...read, path: "/users/{id}", handle: (request) => answerItem(request, known(world, request), shape) },
    { ...write, method: "DELETE", path: "/users/{id}", handle: (request) => remove(world, request) },
  ];
}

function list(world: World, request: GraphRequest): GraphResponse {
  checkAdvanced(request);
  return answerList(request, { rows: world.directory.users.visibleAll(), ...shape });
}

function create(world: World, request: GraphRequest): GraphResponse {
  const body = readBody(newUser, request.body, REFUSED);
  if (named(world, body.userPrincipalName) !== undefined) {
    throw badRequest("Another object with the same value for property userPrincipalName already exists.", REFUSED);
  }
  const row: UserRow = { id: world.newId("user"), ...body };
  world.directory.users.set(row);
  return created({ "@odata.context": `${request.root}/$metadata#users/$entity`, ...userJson(row) });
}

function remove(world: World, request: GraphRequest): GraphResponse {
  world.directory.removeUser(known(world, request).id);
  return noContent();
}

function known(world: World, request: GraphRequest): UserRow {
  const id = request.params.id ?? "";
  const user = userOf(world, id);
  if (user === undefined) throw notFound(service, id);
  return user;
}

/** By object id or by user principal name, as Graph takes both. */
export function userOf(world: World, id: string): UserRow | undefined {
  return world.directory.users.visible(id) ?? named(world, id);
}

function named(world: World, name: string): UserRow | undefined {
  const wanted = name.toLowerCase();
  return world.directory.users.all().find(({ userPrincipalName }) => userPrincipalName.toLowerCase() === wanted);
}
