import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { wall } from "../wall.js";
import type { SigningKeys } from "./signing-keys.js";

/** Clocks may differ by so many seconds (graph.md §4.5). */
const CLOCK_TOLERANCE_SECONDS = 5 * 60;
/** The only channel: through others anybody could speak for anybody. */
const CHANNEL = "msteams";

/** What Teams sends to the bot, as far as it is used. */
const activitySchema = z.object({
  type: z.string(),
  name: z.string().optional(),
  id: z.string().optional(),
  channelId: z.string(),
  serviceUrl: z.string().min(1),
  from: z
    .object({
      id: z.string(),
      aadObjectId: z.guid().toLowerCase().optional().catch(undefined),
      name: z.string().optional(),
    })
    .optional(),
  conversation: z
    .object({ id: z.string(), tenantId: z.string().optional(), conversationType: z.string().optional() })
    .optional(),
  replyToId: z.string().optional(),
  channelData: z.object({ tenant: z.object({ id: z.string() }) }),
  value: z.unknown().optional(),
});
export type InboundActivity = z.infer<typeof activitySchema>;

export interface InboundSettings {
  /** The bot's application id: the audience of the tokens. */
  readonly appId: string;
  /** Tenant whose people may speak. */
  readonly tenantId: string;
  /** Issuer of the channel's tokens. */
  readonly issuer: string;
}

/** Why something was not taken; the sender learns the status and nothing else. */
export class NotAccepted extends Error {
  override readonly name = "NotAccepted";

  constructor(
    readonly status: 400 | 401 | 403 | 413,
    readonly reason: string,
  ) {
    super(`Refused: ${reason}.`);
  }
}

/** Issuer of the tokens that a metadata document belongs to; US Government has its own (graph.md §4.5). */
export function issuerOf(metadataUrl: string): string {
  const isUsGovernment = new URL(metadataUrl).hostname === "login.botframework.azure.us";
  return isUsGovernment ? "https://api.botframework.us" : "https://api.botframework.com";
}

/**
 * The activity in a request to the bot, once all is proven that graph.md §4.5 asks for: the token's signature, issuer,
 * audience and, in wall time, validity; that the key may sign for Teams; that the token was made for this service URL;
 * and that the activity comes from our tenant. Throws NotAccepted, or `unavailable` when the keys cannot be had.
 */
export async function acceptActivity(
  authorization: string | null,
  body: string,
  settings: InboundSettings,
  keys: SigningKeys,
): Promise<InboundActivity> {
  if (authorization === null) throw new NotAccepted(401, "there is no Authorization header");
  const token = /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  if (token === undefined) throw new NotAccepted(403, "the Authorization header is no bearer token");
  const { payload, endorsements } = await proven(token, settings, keys);
  const activity = parsed(body);
  const { channelId, serviceUrl, channelData, conversation } = activity;
  if (channelId !== CHANNEL) throw new NotAccepted(403, "it does not come through Teams");
  if (!endorsements.includes(channelId)) throw new NotAccepted(403, "the key is not endorsed for Teams");
  if (payload.serviceurl !== serviceUrl) throw new NotAccepted(403, "the token was made for another service URL");
  const tenants = [channelData.tenant.id, conversation?.tenantId ?? channelData.tenant.id];
  if (tenants.some((id) => id.toLowerCase() !== settings.tenantId.toLowerCase())) {
    throw new NotAccepted(403, "it comes from another tenant");
  }
  return activity;
}

async function proven(
  token: string,
  { issuer, appId }: InboundSettings,
  keys: SigningKeys,
): Promise<{ readonly payload: JWTPayload; readonly endorsements: readonly string[] }> {
  const kid = kidOf(token);
  const found = kid === undefined ? undefined : await keys(kid);
  if (found === undefined) throw new NotAccepted(403, "it is not signed with a published key");
  try {
    const { payload } = await jwtVerify(token, found.key, {
      issuer,
      audience: appId,
      algorithms: ["RS256"],
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(wall.now()),
    });
    return { payload, endorsements: found.endorsements };
  } catch (error) {
    throw new NotAccepted(403, reasonOf(error));
  }
}

function kidOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim ${error.claim} is not right`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is wrong";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is not signed with RS256";
  return "the token cannot be read";
}

function parsed(body: string): InboundActivity {
  try {
    const activity = activitySchema.safeParse(JSON.parse(body));
    if (activity.success) return activity.data;
    throw new NotAccepted(400, `the activity lacks a valid ${activity.error.issues[0]?.path.join(".")}`);
  } catch (error) {
    if (error instanceof NotAccepted) throw error;
    throw new NotAccepted(400, "the body is not JSON");
  }
}
