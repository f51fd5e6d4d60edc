import { config } from "../config.js";
import { AppError } from "../errors.js";
import { type Assignment, findAssignment } from "./assignments.js";
import { rightsByName } from "./built-in-roles.js";
import { PRINCIPAL_HEADER, principalOf } from "./principal.js";
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

/** Who calls, and how he proved it: function key alone, bearer token, or a browser session of the platform. */
export interface Caller {
  readonly actor: Actor;
  readonly via: "key" | "token" | "session";
}

let validator: ReturnType<typeof tokenValidator> | undefined;

/**
 * Who calls the API, by its headers: a bearer token, else the person whom the platform has signed in, else the holder of
 * the function key. Throws `unauthenticated` for what proves nobody, `forbidden` for a person without any role.
 */
export async function callerOf(headers: Pick<Headers, "get">): Promise<Caller> {
  const authorization = headers.get("authorization");
  if (authorization !== null) return { actor: await rightful(await bearerOf(authorization)), via: "token" };
  const principal = headers.get(PRINCIPAL_HEADER);
  if (principal !== null) return { actor: await rightful(signedIn(principal)), via: "session" };
  return { actor: keyHolder(), via: "key" };
}

async function rightful(bearer: Bearer): Promise<Actor> {
  return personOf(bearer, (await findAssignment(bearer.oid))?.body);
}

async function bearerOf(authorization: string): Promise<Bearer> {
  const token = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) {
    const message =
      "The Authorization header is no bearer token. Send `Bearer` and a token of your tenant, or leave it.";
    throw new AppError("unauthenticated", message);
  }
  validator ??= validatorFromSettings();
  return validator(token);
}

/** Refused rather than left out where the platform does not vouch for it: whoever sends it wants to be somebody. */
function signedIn(principal: string): Bearer {
  const { WEBSITE_AUTH_ENABLED: platform, TENANT_ID: tenantId } = config();
  if (platform?.toLowerCase() !== "true" || tenantId === undefined) {
    const message = `The header ${PRINCIPAL_HEADER} proves nobody here: the platform's authentication is off. Send a bearer token.`;
    throw new AppError("unauthenticated", message);
  }
  return principalOf(principal, tenantId);
}

/** The roles of the token and the one assigned here add up; scope tags of an assignment bound all of them. */
export function personOf({ oid, name, roles }: Bearer, assignment: Assignment | undefined): Actor {
  const rights = united(rightsByName(assignment === undefined ? roles : [...roles, assignment.role]));
  if (Object.values(Area).every((area) => rights[area] === null)) {
    throw new AppError(
      "forbidden",
      `${name} has no role in Ringmaster. Ask an administrator for an app role such as Reader, or for a role assignment of ${oid}.`,
      { details: { needed: Role.reader, held: "none", person: { id: oid, name } } },
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
