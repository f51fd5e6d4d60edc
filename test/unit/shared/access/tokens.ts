import { type CryptoKey, createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";
import type { TokenSettings } from "../../../../shared/access/token.js";

export const OID = "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6e";
export const SETTINGS: TokenSettings = {
  authority: "https://login.microsoftonline.com",
  tenantId: "7b1b2c3d-0000-4000-8000-000000000001",
  audience: "api://ringmaster",
};
/** The application that Ada uses. */
export const CONSOLE = "3c1d0000-0000-4000-8000-000000000003";
export const NOW = Date.parse("2026-01-05T12:00:00Z");

/** An issuer of tokens with a key of its own. */
export class Issuer {
  private constructor(
    readonly keySet: JSONWebKeySet,
    private readonly key: CryptoKey,
    private readonly settings: TokenSettings,
  ) {}

  static async create(settings: TokenSettings = SETTINGS): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "key-1", use: "sig", alg: "RS256" };
    return new Issuer({ keys: [jwk] }, privateKey, settings);
  }

  get keys() {
    return createLocalJWKSet(this.keySet);
  }

  /** A token of Ada, a Reader, that is valid for an hour around NOW; `claims` replace its own. */
  token(
    claims: Readonly<Record<string, unknown>> = {},
    header: Record<string, string | undefined> = {},
  ): Promise<string> {
    const at = NOW / 1000;
    const { authority, tenantId, audience } = this.settings;
    const own = { iss: `${authority}/${tenantId}/v2.0`, aud: audience, nbf: at - 60, exp: at + 3540 };
    const person = { oid: OID, name: "Ada Quist", roles: ["Reader"], azp: CONSOLE };
    return new SignJWT({ ...own, ...person, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "key-1", ...header })
      .sign(this.key);
  }
}
