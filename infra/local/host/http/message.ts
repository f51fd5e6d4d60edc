import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** 100 MB, as the real host. */
const MAX_BODY_BYTES = 100 * 1024 * 1024;

/** A request with its whole body. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | Readable;
}

/** Answers a request, or leaves it to the next handler. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer | undefined>;

/** Reads a request to its end; undefined when the body is too large. */
export async function readRequest(message: IncomingMessage, fallbackHost: string): Promise<HttpRequest | undefined> {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  const url = new URL(`http://${headers.host ?? fallbackHost}${message.url ?? "/"}`);
  return { method: message.method ?? "GET", url, headers, body: Buffer.concat(chunks) };
}

/** Sends an answer; resolves when it is out or the caller is gone. */
export async function sendAnswer(response: ServerResponse, answer: HttpAnswer, omitBody: boolean): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    response.setHeader(name, typeof value === "string" ? value : [...value]);
  }
  const { body } = answer;
  if (body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array)) {
    await pipeline(body, response).catch(() => response.destroy());
    return;
  }
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.end(omitBody ? undefined : body);
  });
}

/** An answer of JSON. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}
