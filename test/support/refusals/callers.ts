import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import type { Person } from "../../../infra/local/tenant/types.js";
import type { World } from "../world.js";

export const ADA = { oid: "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6e", name: "Ada", roles: ["Administrator"] };

/** Callers of a world, as the headers that they send. */
export class Callers {
  constructor(private readonly world: World) {}

  bearer(claims: Partial<Person>): Record<string, string> {
    return { authorization: `Bearer ${this.world.tenant.token({ ...ADA, ...claims })}` };
  }

  role(...roles: readonly string[]): Record<string, string> {
    return this.bearer({ name: roles.join("+"), roles });
  }

  /** A token of Ada's with other parts. */
  forged(
    part: "payload" | "none" | "hmac" | "key",
    change: Readonly<Record<string, unknown>> = {},
  ): Record<string, string> {
    const [header = "", payload = "", signature = ""] = this.world.tenant.token(ADA).split(".");
    const claims = encode({ ...decode(payload), ...change });
    const said = (alg: string) => encode({ ...decode(header), alg });
    const token = {
      payload: () => `${header}.${claims}.${signature}`,
      none: () => `${said("none")}.${claims}.`,
      hmac: () =>
        `${said("HS256")}.${claims}.${createHmac("sha256", "public")
          .update(`${said("HS256")}.${claims}`)
          .digest("base64url")}`,
      key: () =>
        `${header}.${claims}.${createSign("RSA-SHA256").update(`${header}.${claims}`).sign(OTHER_KEY, "base64url")}`,
    }[part]();
    return { authorization: `Bearer ${token}` };
  }

  /** A browser session as the platform passes it on. */
  session(roles: readonly string[], tenantId = this.world.tenant.credentials.tenantId): Record<string, string> {
    const claims = [
      { typ: "http://schemas.microsoft.com/identity/claims/objectidentifier", val: ADA.oid },
      { typ: "http://schemas.microsoft.com/identity/claims/tenantid", val: tenantId },
      { typ: "name", val: "Ada" },
      ...roles.map((val) => ({ typ: "roles", val })),
    ];
    const principal = { auth_typ: "aad", name_typ: "name", role_typ: "roles", claims };
    return { "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64") };
  }
}

const OTHER_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
