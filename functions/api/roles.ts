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
import { BUILT_IN_ROLES, type RoleName } from "../../shared/access/built-in-roles.js";
import { type Actor, includes } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { type Call, json, param, route, validate } from "./route.js";

const ASSIGNMENT = "roles/assignments/{oid}";

route({
  name: "rolesList",
  method: "GET",
  path: "roles",
  role: "Reader",
  act: "list roles",
  run: async () => json({ value: Object.entries(BUILT_IN_ROLES).map(([role, rights]) => ({ role, rights })) }),
});

route({
  name: "roleAssignmentsList",
  method: "GET",
  path: "roles/assignments",
  role: "Reader",
  act: "list role assignments",
  run: async () => json({ value: await listAssignments() }),
});

route({
  name: "roleAssignmentsGet",
  method: "GET",
  path: ASSIGNMENT,
  role: "Reader",
  act: "read a role assignment",
  run: async (call) => json(await readAssignment(oidOf(call))),
});

route({
  name: "roleAssignmentsPut",
  method: "PUT",
  path: ASSIGNMENT,
  role: "Administrator",
  act: "assign a role",
  tenant: "any",
  body: grantSchema,
  run: async (call) => {
    const assignment: Assignment = { oid: oidOf(call), ...call.body };
    const before = (await findAssignment(assignment.oid))?.body;
    refuseMoreThanOwn(call.actor, assignment.role, before?.role);
    await writeAssignment(assignment);
    await note(call.actor, "role.assign", assignment.oid, { before: before ?? null, after: assignment });
    return json(assignment, before === undefined ? 201 : 200);
  },
});

route({
  name: "roleAssignmentsDelete",
  method: "DELETE",
  path: ASSIGNMENT,
  role: "Administrator",
  act: "take a role away",
  tenant: "any",
  run: async (call) => {
    const before = await readAssignment(oidOf(call));
    refuseMoreThanOwn(call.actor, before.role);
    await deleteAssignment(before.oid);
    await note(call.actor, "role.remove", before.oid, { before, after: null });
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

async function note(actor: Actor, action: string, oid: string, evidence: Record<string, unknown>): Promise<void> {
  await audit({
    at: clock.now(),
    actor,
    action,
    target: `person/${oid}`,
    evidence,
    key: `${oid} ${crypto.randomUUID()}`,
  });
}
