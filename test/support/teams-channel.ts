import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export const APP_ID = "5b9e7f10-1111-4000-8000-000000000001";
export const TENANT = "7b1b2c3d-0000-4000-8000-000000000001";
export const SERVICE_URL = "https://smba.trafficmanager.net/emea/";
export const ISSUER = "https://api.botframework.com";

/** What Teams sends, and the keys with which it proves that. */
export class TeamsChannel {
  private constructor(
    private readonly key: CryptoKey,
    readonly jwk: JWK & { readonly endorsements: readonly string[] },
  ) {}

  static async create(kid = "key-1", endorsements: readonly string[] = ["msteams"]): Promise<TeamsChannel> {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    return new TeamsChannel(privateKey, { ...(await exportJWK(publicKey)), kid, use: "sig", endorsements });
  }

  /** A token for the bot that is valid for an hour around `now` (ms, wall time); `claims` replace its own. */
  token(now: number, claims: Readonly<Record<string, unknown>> = {}, kid = "key-1"): Promise<string> {
    const at = Math.floor(now / 1000);
    const own = { iss: ISSUER, aud: APP_ID, serviceurl: SERVICE_URL, nbf: at - 60, exp: at + 3540 };
    return new SignJWT({ ...own, ...claims }).setProtectedHeader({ alg: "RS256", kid }).sign(this.key);
  }
}

/** An activity as Teams sends it, of Ada unless told otherwise. */
export function activity(given: Readonly<Record<string, unknown>> = {}) {
  return {
    type: "message",
    id: "f:1",
    channelId: "msteams",
    serviceUrl: SERVICE_URL,
    from: { id: "29:ada", aadObjectId: "8d2c0000-0000-4000-8000-000000000001", name: "Ada Quist" },
    recipient: { id: `28:${APP_ID}` },
    conversation: { id: "19:abc@thread.tacv2;messageid=1", tenantId: TENANT, conversationType: "channel" },
    channelData: { tenant: { id: TENANT } },
    ...given,
  };
}

/** A click on a card, or with `refresh` a client that looks again. */
export function click(
  verb: string,
  data: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>> = {},
) {
  const action = { type: "Action.Execute", title: verb, verb: `approval.${verb}`, data };
  const trigger = verb === "refresh" ? "automatic" : "manual";
  return activity({ type: "invoke", name: "adaptiveCard/action", value: { action, trigger }, ...given });
}
