import { z } from "zod";
import { AppError } from "../errors.js";
import type { Bearer } from "./token.js";

/** Header in which App Service says whom its own authentication has signed in. */
export const PRINCIPAL_HEADER = "x-ms-client-principal";

const principalSchema = z.object({
  auth_typ: z.string(),
  name_typ: z.string().optional(),
  role_typ: z.string().optional(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});
type Principal = z.infer<typeof principalSchema>;

const OID = ["http://schemas.microsoft.com/identity/claims/objectidentifier", "oid"];
const TENANT = ["http://schemas.microsoft.com/identity/claims/tenantid", "tid"];
const NAME = ["name", "preferred_username"];
const ROLES = ["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"];

/**
 * The person whom the platform has signed in with Entra. Only to be asked where the platform's authentication is on:
 * elsewhere anybody can send the header.
 * @param header Base64 of JSON, as App Service writes it
 * @throws AppError `unauthenticated` for a header that is none, another provider or another tenant
 */
export function principalOf(header: string, tenantId: string): Bearer {
  const principal = parsed(header);
  if (principal.auth_typ !== "aad") throw refusal(`the provider is ${principal.auth_typ}, not Microsoft Entra`);
  const tenant = first(principal, TENANT);
  if (tenant?.toLowerCase() !== tenantId.toLowerCase()) throw refusal("it is of another tenant");
  const oid = z.guid().toLowerCase().safeParse(first(principal, OID));
  if (!oid.success) throw refusal("it names no person by object id");
  const name = first(principal, [...(principal.name_typ === undefined ? [] : [principal.name_typ]), ...NAME]);
  const roleTypes = new Set([...(principal.role_typ === undefined ? [] : [principal.role_typ]), ...ROLES]);
  const roles = principal.claims.filter(({ typ }) => roleTypes.has(typ)).map(({ val }) => val);
  return { oid: oid.data, name: name ?? oid.data, roles: [...new Set(roles)] };
}

function parsed(header: string): Principal {
  try {
    return principalSchema.parse(JSON.parse(Buffer.from(header, "base64").toString("utf8")));
  } catch (cause) {
    throw refusal("it cannot be read", cause);
  }
}

function first({ claims }: Principal, types: readonly string[]): string | undefined {
  for (const type of types) {
    const found = claims.find(({ typ }) => typ === type);
    if (found !== undefined) return found.val;
  }
  return undefined;
}

function refusal(reason: string, cause?: unknown): AppError {
  const message = `The sign-in that the platform passes on is refused: ${reason}. Sign out and in again.`;
  return new AppError("unauthenticated", message, cause === undefined ? {} : { cause });
}
