import { AppError } from "../../../shared/errors.js";
import { WEBHOOK_PATH } from "./client-binding.js";
import type { DurableEngine } from "./engine.js";
import { entityRoutes } from "./http-entities.js";
import { instanceRoutes } from "./http-instances.js";
import { startRoutes } from "./http-start.js";

export interface DurableRequest {
  readonly method: string;
  /** Below /runtime/webhooks/durabletask; with or without leading slash; still URL-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface DurableResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** To be sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
}

export interface HttpApiOptions {
  readonly hubName: string;
  readonly systemKey: string;
  /** Origin of the links in answers; default: the one that the request was sent to. */
  readonly baseUrl?: string;
}

export interface RouteContext {
  readonly engine: DurableEngine;
  readonly options: HttpApiOptions;
  readonly request: DurableRequest;
  /** What the groups of the route's pattern matched, decoded. */
  readonly parts: readonly string[];
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: (context: RouteContext) => Promise<DurableResponse>;
}

const ROUTES: readonly Route[] = [
  ...startRoutes,
  ...instanceRoutes,
  ...entityRoutes,
  { method: "POST", pattern: /^makeprimary$/i, answer: async () => ({ status: 200, headers: {} }) },
];

/** HTTP status of the errors that the engine's API throws. */
const STATUS: Partial<Record<AppError["code"], number>> = {
  not_found: 404,
  gone: 410,
  conflict: 409,
  invalid_input: 400,
};

/** The HTTP API that DurableClient and the management links call (functions-host.md §3). */
export function durableHttp(
  engine: DurableEngine,
  options: HttpApiOptions,
): (request: DurableRequest) => Promise<DurableResponse> {
  return async (request) => {
    const path = request.path.replace(/^\/+/, "");
    for (const { method, pattern, answer } of ROUTES) {
      const match = request.method.toUpperCase() === method ? pattern.exec(path) : null;
      if (match === null) continue;
      const parts = match.slice(1).map((part) => decode(part ?? ""));
      try {
        return await answer({ engine, options, request, parts });
      } catch (error) {
        return failure(error);
      }
    }
    return message(404, `There is no ${request.method} ${path} in the durable task API.`);
  };
}

/** URL of an instance. */
export function instanceUrl({ options, request }: RouteContext, id: string): string {
  const origin = options.baseUrl ?? `http://${request.headers.host ?? "127.0.0.1"}`;
  return `${origin.replace(/\/$/, "")}${WEBHOOK_PATH}/instances/${encodeURIComponent(id)}`;
}

/** An answer whose body is JSON text already. */
export const jsonAnswer = (status: number, text: string): DurableResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: text,
});

export const message = (status: number, text: string): DurableResponse => ({
  status,
  headers: {},
  body: { Message: text },
});

/** JSON text of the request's body; null when it is empty. @throws invalid_input */
export function jsonBody(request: DurableRequest): string | null {
  const text = request.body.toString("utf8");
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
  } catch {
    throw new AppError("invalid_input", "The body is not valid JSON.");
  }
  return text;
}

function failure(error: unknown): DurableResponse {
  if (error instanceof AppError) {
    const status = STATUS[error.code];
    if (status !== undefined) return message(status, error.message);
  }
  const text = error instanceof Error ? error.message : String(error);
  const body = { Message: "Something went wrong while processing your request", ExceptionMessage: text };
  return { status: 500, headers: {}, body };
}

/** Decodes once; clients do not always encode. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
