import { request as httpRequest, type IncomingMessage } from "node:http";
import type { AppFunction } from "../app/functions.js";
import type { TypedData } from "../app/model.js";
import { guid, type Invoker } from "../invocation/invoke.js";
import { encode } from "../invocation/typed-data.js";
import type { HttpAnswer, HttpRequest } from "./message.js";

export type StreamingCall = (
  fn: AppFunction,
  request: HttpRequest,
  params: Readonly<Record<string, string>>,
) => Promise<HttpAnswer>;

const INVOCATION_ID = "x-ms-invocation-id";
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", INVOCATION_ID]);

/**
 * Streaming mode: the app's package serves HTTP itself. The request is proxied there while the invocation runs under the
 * same id; both meet inside the package (functions-host.md §1.7).
 */
export function streamingCalls(httpUri: string, invoke: Invoker, newId: () => string): StreamingCall {
  return async (fn, request, params) => {
    const invocationId = guid(newId());
    const proxied = proxy(httpUri, request, invocationId);
    const metadata = streamingMetadata(request, params);
    const invocation = invoke({ fn, data: { http: {} }, metadata, invocationId });
    const failure = invocation.then(({ ok }) => (ok ? undefined : "failed"));
    const first = await Promise.race([proxied.response, failure]);
    if (first === "failed") {
      proxied.abort();
      return { status: 500 };
    }
    return toAnswer(await proxied.response);
  };
}

function proxy(httpUri: string, request: HttpRequest, invocationId: string) {
  const target = new URL(request.url.pathname + request.url.search, httpUri);
  target.hostname = "127.0.0.1";
  const outgoing = httpRequest(target, {
    method: request.method,
    headers: {
      ...request.headers,
      [INVOCATION_ID]: invocationId,
      "x-forwarded-host": request.url.host,
      "x-forwarded-proto": "http",
    },
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  response.catch(() => {});
  outgoing.end(request.body.length === 0 ? undefined : request.body);
  return { response, abort: () => outgoing.destroy() };
}

function toAnswer(response: IncomingMessage): HttpAnswer {
  const headers = Object.entries(response.headers).flatMap(([name, value]) =>
    value === undefined || HOP_BY_HOP.has(name) ? [] : [[name, value] as const],
  );
  return { status: response.statusCode ?? 200, headers: Object.fromEntries(headers), body: response };
}

/** Route parameters, query parameters and the top level of a JSON body become `request.params`, routes first. */
function streamingMetadata(
  request: HttpRequest,
  params: Readonly<Record<string, string>>,
): Readonly<Record<string, TypedData>> {
  const query = Object.fromEntries([...request.url.searchParams].filter(([name]) => name !== "code"));
  const texts = Object.entries({ ...bodyProperties(request), ...query, ...params });
  return {
    ...Object.fromEntries(texts.map(([name, string]) => [name, { string }])),
    Query: encode(query),
    Headers: encode(request.headers),
  };
}

function bodyProperties({ headers, body }: HttpRequest): Record<string, string> {
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "") || body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, typeof part === "string" ? part : JSON.stringify(part)]),
    );
  } catch {
    return {};
  }
}
