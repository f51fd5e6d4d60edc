import { createPrivateKey, createPublicKey, createSign, createVerify, type KeyObject } from "node:crypto";
import { wall } from "../../../../shared/wall.js";
import { guid } from "../state/ids.js";

export interface Claims {
  readonly aud: string;
  readonly appid: string;
  readonly roles: readonly string[];
  readonly exp: number;
}

/** Signs and verifies access tokens (JWT, RS256). Tokens are of the real world: they age in wall time. */
export class TokenSigner {
  readonly #key: KeyObject;
  readonly #public: KeyObject;
  readonly #verified = new Map<string, Claims>();
  readonly keyId: string;

  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    this.#public = createPublicKey(pem);
    this.keyId = guid(this.#public.export({ type: "spki", format: "pem" }).toString()).slice(0, 8);
  }

  /** A token that lives `lifetimeSeconds` from now. */
  issue(claims: Record<string, unknown>, lifetimeSeconds: number): string {
    const now = Math.floor(wall.now() / 1000);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const times = { iat: now, nbf: now, exp: now + lifetimeSeconds };
    const text = `${encode({ typ: "JWT", alg: "RS256", kid: this.keyId })}.${encode({ ...claims, ...times })}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(this.#key, "base64url")}`;
  }

  /** The claims of a genuine token that has not expired, else undefined. */
  verify(token: string): Claims | undefined {
    const claims = this.#verified.get(token) ?? this.#check(token);
    if (claims === undefined) return undefined;
    if (claims.exp * 1000 > wall.now()) return claims;
    this.#verified.delete(token);
    return undefined;
  }

  /** The public key as a JSON web key set. */
  keySet(): { readonly keys: readonly object[] } {
    return { keys: [{ ...this.#public.export({ format: "jwk" }), use: "sig", kid: this.keyId }] };
  }

  #check(token: string): Claims | undefined {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const verifier = createVerify("RSA-SHA256").update(`${header}.${payload}`);
    if (!verifier.verify(this.#public, signature, "base64url")) return undefined;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Claims;
    this.#verified.set(token, claims);
    return claims;
  }
}
