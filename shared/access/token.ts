import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { AppError } from "../errors.js";
import { wall } from "../wall.js";

export interface TokenSettings {
  /** Authority of the tenant's tokens, e.g. https://login.microsoftonline.com. */
  readonly authority: string;
  readonly tenantId: string;
  /** The app registration whose tokens are taken. */
  readonly audience: string;
}

/** A person or application as a genuine token describes it. */
export interface Bearer {
  /** Object id in Entra. */
  readonly oid: string;
  readonly name: string;
  /** App roles. */
  readonly roles: readonly string[];
}

/** Clocks of tenant and app may differ by so many seconds. */
const CLOCK_TOLERANCE_SECONDS = 60;

const claimsSchema = z.object({
  oid: z.guid().toLowerCase(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  azp: z.string().optional(),
  appid: z.string().optional(),
  roles: z.array(z.string()).default([]),
});

/**
 * Checks bearer tokens of Entra: signature by a published key, issuer, audience and, in wall time, validity. Throws
 * `unauthenticated` for a token that does not hold, `unavailable` when the keys cannot be had.
 * @param keys default: the keys that the tenant publishes, cached for ten minutes
 */
export function tokenValidator(
  settings: TokenSettings,
  keys: JWTVerifyGetKey = publishedKeys(settings),
): (token: string) => Promise<Bearer> {
  const { audience } = settings;
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: issuers(settings),
        audience,
        algorithms: ["RS256"],
        requiredClaims: ["exp"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(wall.now()),
      });
      return bearerOf(payload);
    } catch (error) {
      throw refusal(error, settings);
    }
  };
}

/** Versions 2 and 1 of Entra's tokens name the same tenant differently. */
function issuers({ authority, tenantId }: TokenSettings): string[] {
  return [`${base(authority)}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`];
}

function publishedKeys({ authority, tenantId }: TokenSettings): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(`${base(authority)}/${tenantId}/discovery/v2.0/keys`));
}

function base(authority: string): string {
  return authority.replace(/\/+$/, "");
}

function bearerOf(payload: unknown): Bearer {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) {
    const claim = parsed.error.issues[0]?.path.join(".");
    throw new AppError("unauthenticated", `The bearer token lacks a valid claim ${claim}. Sign in again.`);
  }
  const { oid, name, preferred_username, azp, appid, roles } = parsed.data;
  const application = azp ?? appid;
  // ID tokens, which may have the same issuer and audience, tell an app who signed in; they open no API.
  if (application === undefined) {
    const message = "The bearer token says who signed in and is not for calls. Send an access token for the API.";
    throw new AppError("unauthenticated", message);
  }
  return { oid, name: name ?? preferred_username ?? `Application ${application}`, roles };
}

function refusal(error: unknown, { audience }: TokenSettings): AppError {
  if (error instanceof AppError) return error;
  const reason = error instanceof errors.JOSEError ? reasons[error.code] : undefined;
  if (reason === undefined) {
    const message = "The keys that prove bearer tokens could not be read from the tenant. Try again soon.";
    return new AppError("unavailable", message, { retryAfterSeconds: 5, cause: error });
  }
  const claim = error instanceof errors.JWTClaimValidationFailed ? ` (${error.claim})` : "";
  const message = `The bearer token is refused: ${reason}${claim}. Sign in again with a token for ${audience}.`;
  return new AppError("unauthenticated", message, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired",
  ERR_JWT_CLAIM_VALIDATION_FAILED: "it was not issued for this service and tenant, or not for now",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "its signature is wrong",
  ERR_JWKS_NO_MATCHING_KEY: "it is not signed with a key of the tenant",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "it names no key of the tenant",
  ERR_JOSE_ALG_NOT_ALLOWED: "it is not signed with RS256",
  ERR_JWS_INVALID: "it is not a signed token",
  ERR_JWT_INVALID: "it is not a token",
  ERR_JOSE_NOT_SUPPORTED: "it is signed in an unknown way",
};
