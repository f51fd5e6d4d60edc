import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "./message.js";

export const AuthLevel = { anonymous: "anonymous", function: "function", admin: "admin" } as const;
export type AuthLevel = (typeof AuthLevel)[keyof typeof AuthLevel];

/** Who may call what. Off (as with `func start`) everything is open. */
export interface Keys {
  readonly enabled: boolean;
  readonly master: string;
  readonly function: string;
  /** Guards the durable webhooks; part of every management URL. */
  readonly system: string;
  /** True when the request carries a key good for the level: header `x-functions-key`, else query `code`. */
  allows(request: HttpRequest, level: AuthLevel): boolean;
  allowsSystem(request: HttpRequest): boolean;
}

/** Keys from HOST_MASTER_KEY and HOST_FUNCTION_KEY, or fresh ones. */
export function createKeys(enabled: boolean, env: NodeJS.ProcessEnv): Keys {
  const master = env.HOST_MASTER_KEY ?? randomBytes(24).toString("base64url");
  const ordinary = env.HOST_FUNCTION_KEY ?? randomBytes(24).toString("base64url");
  const system = enabled ? createHmac("sha256", master).update("durabletask").digest("base64url") : "local";
  const holds = (request: HttpRequest, ...keys: readonly string[]) => {
    const given = request.headers["x-functions-key"] ?? request.url.searchParams.get("code") ?? "";
    return keys.some((key) => same(given, key));
  };
  return {
    enabled,
    master,
    function: ordinary,
    system,
    allows: (request, level) => {
      if (!enabled || level === AuthLevel.anonymous) return true;
      return level === AuthLevel.admin ? holds(request, master) : holds(request, master, ordinary);
    },
    allowsSystem: (request) => !enabled || holds(request, master, system),
  };
}

function same(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
