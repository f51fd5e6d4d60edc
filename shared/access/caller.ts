import { config } from "../config.js";
import { AppError } from "../errors.js";
import { type Assignment, findAssignment } from "./assignments.js";
import { rightsByName } from "./built-in-roles.js";
import { type Actor, Area, Role, rightsOf, united } from "./roles.js";
import { type Bearer, tokenValidator } from "./token.js";

/** Who holds the function key, which the host has checked, and shows no token. Throws `unauthenticated` for `none`. */
function keyHolder(): Actor {
  const { API_KEY_ROLE: role } = config();
  if (role === "none") {
    const message = "The function key alone opens nothing here. Send a bearer token of your tenant as well.";
    throw new AppError("unauthenticated", message);
  }
  return { id: "function-key", name: "The holder of the function key", rights: rightsOf(role), scopeTagIds: "all" };
}

let validator: ReturnType<typeof tokenValidator> | undefined;

/**
 * Who calls the API, by the Authorization header. Throws `unauthenticated` for a header that is no valid bearer token,
 * `forbidden` for a person without any role.
 */
export async function callerOf(authorization: string | null): Promise<Actor> {
  if (authorization === null) return keyHolder();
  const token = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) {
    const message =
      "The Authorization header is no bearer token. Send `Bearer` and a token of your tenant, or leave it.";
    throw new AppError("unauthenticated", message);
  }
  validator ??= validatorFromSettings();
  const bearer = await validator(token);
  return personOf(bearer, (await findAssignment(bearer.oid))?.body);
}

/** The roles of the token and the one assigned here add up; scope tags of an assignment bound all of them. */
export function personOf({ oid, name, roles }: Bearer, assignment: Assignment | undefined): Actor {
  const rights = united(rightsByName(assignment === undefined ? roles : [...roles, assignment.role]));
  if (Object.values(Area).every((area) => rights[area] === null)) {
    throw new AppError(
      "forbidden",
      `${name} has no role in Ringmaster. Ask an administrator for an app role such as Reader, or for a role assignment of ${oid}.`,
      { details: { needed: Role.reader, held: "none" } },
    );
  }
  return { id: oid, name, rights, scopeTagIds: assignment?.scopeTagIds ?? "all" };
}

function validatorFromSettings(): ReturnType<typeof tokenValidator> {
  const { GRAPH_AUTHORITY: authority, TENANT_ID: tenantId, API_AUDIENCE: audience } = config();
  if (tenantId === undefined) {
    throw new AppError("unauthenticated", "Bearer tokens cannot be checked: the app setting TENANT_ID is missing.");
  }
  return tokenValidator({ authority, tenantId, audience });
}
