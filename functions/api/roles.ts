import { z } from "zod";
import {
  type Assignment,
  assignmentSchema,
  deleteAssignment,
  findAssignment,
  grantSchema,
  listAssignments,
  readAssignment,
  writeAssignment,
} from "../../shared/access/assignments.js";
import { BUILT_IN_ROLES, ROLE_NAMES, type RoleName } from "../../shared/access/built-in-roles.js";
import { type Actor, includes, Role } from "../../shared/access/roles.js";
import { AppError } from "../../shared/errors.js";
import { refuseOtherBody } from "./etag.js";
import { note } from "./note.js";
import { listOf, paged, pageOf } from "./paging.js";
import { type Call, json, param, route, validate } from "./route.js";

const role = z.enum(Role).nullable();
const roleSchema = z
  .object({
    role: z.enum(ROLE_NAMES),
    rights: z.object({ groups: role, policies: role, tenant: role }).describe("Null: none."),
  })
  .meta({ id: "RoleDescription" });
const ASSIGNMENT = "roles/assignments/{oid}";

export const rolesList = route({
  name: "rolesList",
  method: "GET",
  path: "roles",
  role: "Reader",
  act: "list roles",
  answer: { about: "Roles and what they are worth over groups, policies and tenant.", schema: listOf(roleSchema) },
  run: async () => json({ value: ROLE_NAMES.map((name) => ({ role: name, rights: BUILT_IN_ROLES[name] })) }),
});

export const roleAssignmentsList = route({
  name: "roleAssignmentsList",
  method: "GET",
  path: "roles/assignments",
  role: "Reader",
  act: "list role assignments",
  page: true,
  answer: { about: "Role assignments in the order of their persons' ids.", schema: pageOf(assignmentSchema) },
  run: async (call) => json(paged(call, await listAssignments(), ({ oid }) => oid)),
});

export const roleAssignmentsGet = route({
  name: "roleAssignmentsGet",
  method: "GET",
  path: ASSIGNMENT,
  role: "Reader",
  act: "read a role assignment",
  answer: { about: "The assignment.", schema: assignmentSchema, etag: true },
  run: async (call) => json((await readAssignment(oidOf(call))).body),
});

export const roleAssignmentsPut = route({
  name: "roleAssignmentsPut",
  method: "PUT",
  path: ASSIGNMENT,
  role: "Administrator",
  act: "assign a role",
  tenant: "any",
  body: grantSchema,
  ifMatch: true,
  answer: { or: 201, about: "The assignment as it is now; 201 where it is new.", schema: assignmentSchema },
  run: async (call) => {
    const assignment: Assignment = { oid: oidOf(call), ...call.body };
    const before = await findAssignment(assignment.oid);
    refuseMoreThanOwn(call.actor, assignment.role, before?.body.role);
    refuseOtherBody(call, before?.body);
    await writeAssignment(assignment, before);
    await note(call.actor, "role.assign", `person/${assignment.oid}`, {
      evidence: { before: before?.body ?? null, after: assignment },
    });
    return json(assignment, before === undefined ? 201 : 200);
  },
});

export const roleAssignmentsDelete = route({
  name: "roleAssignmentsDelete",
  method: "DELETE",
  path: ASSIGNMENT,
  role: "Administrator",
  act: "take a role away",
  tenant: "any",
  ifMatch: true,
  answer: { status: 204, about: "The assignment is gone." },
  run: async (call) => {
    const before = await readAssignment(oidOf(call));
    refuseMoreThanOwn(call.actor, before.body.role);
    refuseOtherBody(call, before.body);
    await deleteAssignment(before);
    await note(call.actor, "role.remove", `person/${before.body.oid}`, {
      evidence: { before: before.body, after: null },
    });
    return { status: 204 };
  },
});

function oidOf(call: Pick<Call<unknown>, "params">): string {
  return validate(assignmentSchema.pick({ oid: true }), { oid: param(call, "oid") }).oid;
}

/** Nobody gives or takes what he does not hold himself. */
function refuseMoreThanOwn(actor: Actor, ...roles: readonly (RoleName | undefined)[]): void {
  const beyond = roles.find((role) => role !== undefined && !includes(actor.rights, BUILT_IN_ROLES[role]));
  if (beyond === undefined) return;
  throw new AppError(
    "forbidden",
    `role: ${actor.name} may not give or take ${beyond}, which may do what ${actor.name} may not. Ask somebody who may do as much.`,
    { field: "role", details: { rule: "own rights only", limit: actor.rights } },
  );
}
