import type { LocalSettings } from "../config/local-settings.js";
import type { HttpAnswer, HttpRequest } from "./message.js";

export interface Cors {
  /** Headers of an answer to a page of `origin`; none when it is not allowed. */
  headers(origin: string | undefined): Record<string, string>;
  /** The answer to a preflight request; undefined when the request is none. */
  preflight(request: HttpRequest): HttpAnswer | undefined;
}

/** Cross-origin rules of local.settings.json: `Host.CORS` is `*` or a list of origins with commas. */
export function corsOf({ Host }: LocalSettings): Cors {
  const allowed = (Host.CORS ?? "").split(",").map((origin) => origin.trim());
  const headers = (origin: string | undefined): Record<string, string> => {
    if (origin === undefined || Host.CORS === undefined) return {};
    if (!allowed.includes("*") && !allowed.includes(origin)) return {};
    const credentials = Host.CORSCredentials ? { "access-control-allow-credentials": "true" } : {};
    const named = allowed.includes("*") && !Host.CORSCredentials ? "*" : origin;
    return { "access-control-allow-origin": named, ...credentials, vary: "Origin" };
  };
  return {
    headers,
    preflight: (request) => {
      const method = request.headers["access-control-request-method"];
      if (Host.CORS === undefined || request.method !== "OPTIONS" || method === undefined) return undefined;
      const wanted = request.headers["access-control-request-headers"];
      return {
        status: 204,
        headers: {
          "access-control-allow-methods": method,
          ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
        },
      };
    },
  };
}
