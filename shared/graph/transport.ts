import {
  AuthenticationHandler,
  Client,
  type Context,
  type Middleware,
  RedirectHandler,
  ResponseType,
  TelemetryHandler,
} from "@microsoft/microsoft-graph-client";
import { AppError } from "../errors.js";
import type { TokenSource } from "./credential.js";
import { callText } from "./failure.js";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** Root of Graph with trailing slash, HTTPS only: the client sends no token otherwise (graph.md §0.1). */
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  /** Default: the global fetch, which trusts NODE_EXTRA_CA_CERTS. */
  readonly fetch?: Fetch;
}

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path with its query, or the absolute URL of a nextLink. */
  readonly path: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one call and gives the raw answer, whatever its status. Throws `unavailable` when there is none. */
export type Transport = (call: Call) => Promise<Reply>;

/** Longest wait for one answer, milliseconds of wall time. */
const TIMEOUT_MS = 100_000;

/** The last link of the middleware chain. */
class FetchHandler implements Middleware {
  readonly #fetch: Fetch;

  constructor(send: Fetch) {
    this.#fetch = send;
  }

  async execute(context: Context): Promise<void> {
    const url = typeof context.request === "string" ? context.request : context.request.url;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    context.response = await this.#fetch(url, { ...(context.options as RequestInit | undefined), signal });
  }
}

/**
 * The Graph client with its own middleware but for the retry handler, which would repeat a create that answered 503
 * after it was carried out (graph.md §0.1). A 401 is repeated once with a fresh token.
 */
export function transport(options: TransportOptions): Transport {
  const client = connect(options);
  return async (call) => {
    await options.tokens.token();
    const first = await send(client, call);
    if (first.status !== 401) return first;
    options.tokens.renew();
    await options.tokens.token();
    return send(client, call);
  };
}

function connect({ baseUrl, tokens, fetch: send = fetch }: TransportOptions): Client {
  const root = new URL(baseUrl);
  if (root.protocol !== "https:") {
    const message = `GRAPH_BASE_URL ${baseUrl} is not HTTPS. The Graph client sends tokens over HTTPS only; correct it and restart.`;
    throw new AppError("invalid_input", message, { field: "GRAPH_BASE_URL" });
  }
  const chain: Middleware[] = [
    new AuthenticationHandler({ getAccessToken: () => tokens.token() }),
    new RedirectHandler(),
    new TelemetryHandler(),
    new FetchHandler(send),
  ];
  return Client.initWithMiddleware({
    middleware: chain,
    baseUrl: `${root.origin}/`,
    customHosts: new Set([root.hostname]),
    defaultVersion: "beta",
  });
}

async function send(client: Client, call: Call): Promise<Reply> {
  try {
    const response = await dispatch(client, call);
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const reason = networkReason(error);
    const message = `Microsoft Graph gave no answer to ${callText(call)} (${reason}). The call is repeated by itself; check GRAPH_BASE_URL and the network if it goes on.`;
    throw new AppError("unavailable", message, { cause: error });
  }
}

/** RAW keeps the client from reading the body itself: it throws on an empty 202 typed as JSON (graph.md §0.1). */
function dispatch(client: Client, call: Call): Promise<Response> {
  const request = client
    .api(call.path)
    .responseType(ResponseType.RAW)
    .headers({ ...call.headers });
  if (!call.path.startsWith("https://")) request.version(call.version);
  switch (call.method) {
    case "GET":
      return request.get();
    case "POST":
      return request.post(call.body ?? {});
    case "PATCH":
      return request.patch(call.body ?? {});
    case "PUT":
      return request.put(call.body ?? {});
    case "DELETE":
      return request.delete();
  }
}

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}
