import { createHmac } from "node:crypto";
import { AppError } from "../../../../../shared/errors.js";
import { wall } from "../../../../../shared/wall.js";

/** Where a namespace is and how to be let in. */
export interface Namespace {
  readonly host: string;
  readonly port: number;
  /** The emulator speaks plain TCP, the service TLS. */
  readonly tls: boolean;
  readonly keyName: string;
  readonly key: string;
}

const TOKEN_LIFETIME_SECONDS = 7 * 24 * 3600;

/** Reads a Service Bus connection string (functions-host.md §7.1). Throws `invalid_input` when a part is missing. */
export function parseConnectionString(text: string): Namespace {
  const parts = new Map<string, string>();
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  const endpoint = /^sb:\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/i.exec(parts.get("endpoint") ?? "");
  const keyName = parts.get("sharedaccesskeyname");
  const key = parts.get("sharedaccesskey");
  if (endpoint?.[1] === undefined || keyName === undefined || key === undefined) {
    throw new AppError(
      "invalid_input",
      "The Service Bus connection string lacks Endpoint=sb://..., SharedAccessKeyName or SharedAccessKey. Complete it.",
    );
  }
  const tls = parts.get("usedevelopmentemulator")?.toLowerCase() !== "true";
  const port = tls || endpoint[2] === undefined ? (tls ? 5671 : 5672) : Number(endpoint[2]);
  return { host: endpoint[1], port, tls, keyName, key };
}

/** A shared access signature for one entity, and the audience it is for. */
export function sharedAccessSignature(namespace: Namespace, address: string): { audience: string; token: string } {
  const authority = namespace.tls ? namespace.host : `${namespace.host}:${namespace.port}`;
  const audience = `sb://${authority}/${address}`;
  const resource = encodeURIComponent(audience);
  const expiry = Math.floor(wall.now() / 1000) + TOKEN_LIFETIME_SECONDS;
  const signature = createHmac("sha256", namespace.key).update(`${resource}\n${expiry}`).digest("base64");
  const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${namespace.keyName}`;
  return { audience, token };
}
