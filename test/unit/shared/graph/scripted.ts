import { expect } from "vitest";
import { graphOver } from "../../../../shared/graph/client.js";
import type { TokenSource } from "../../../../shared/graph/credential.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import { type Fetch, transport } from "../../../../shared/graph/transport.js";

/** One exchange: the request expected (decoded, without the host) and the answer to give. */
export interface Exchange {
  readonly on: string;
  readonly status?: number;
  readonly body?: unknown;
  /** Sent as is instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection breaks instead of an answer. */
  readonly breaks?: boolean;
}

export interface SentRequest {
  readonly call: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Script {
  readonly graph: Graph;
  readonly sent: SentRequest[];
  /** Tokens handed out, in order. */
  readonly tokens: string[];
  /** Fails unless every exchange took place. */
  finished(): void;
}

/** Graph through the real client over a transport that plays these exchanges, in this order. */
export function script(...exchanges: Exchange[]): Script {
  const left = [...exchanges];
  const sent: SentRequest[] = [];
  const tokens = countingTokens();
  const fetch: Fetch = async (url, init) => {
    const call = `${init.method} ${decodeURIComponent(url.replace("https://graph.microsoft.com", ""))}`;
    const headers = new Headers(init.headers);
    sent.push({ call, headers, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined });
    const next = left.shift();
    expect(call).toBe(next?.on ?? "no further request");
    if (next === undefined || next.breaks) throw new TypeError("fetch failed", { cause: new Error("socket hang up") });
    return respond(next);
  };
  const graph = graphOver(transport({ baseUrl: "https://graph.microsoft.com/", tokens: tokens.source, fetch }));
  return { graph, sent, tokens: tokens.given, finished: () => expect(left.map(({ on }) => on)).toEqual([]) };
}

function respond({ status = 200, body, text, headers }: Exchange): Response {
  const content = text ?? (body === undefined ? null : JSON.stringify(body));
  const type = content === null ? {} : { "Content-Type": "application/json" };
  return new Response(content, { status, headers: { ...type, ...headers } });
}

function countingTokens(): { source: TokenSource; given: string[] } {
  const given: string[] = [];
  let generation = 1;
  return {
    given,
    source: {
      token: async () => {
        const token = `token-${generation}`;
        if (given.at(-1) !== token) given.push(token);
        return token;
      },
      renew: () => {
        generation += 1;
      },
    },
  };
}

/** An error body as Graph sends it. */
export function errorBody(code: string, message = "…"): unknown {
  return { error: { code, message, innerError: { "request-id": "3f1d0000-0000-4000-8000-000000000000" } } };
}
