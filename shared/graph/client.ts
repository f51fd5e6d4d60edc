import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Config, config } from "../config.js";
import { AppError } from "../errors.js";
import { requireActiveTenant } from "../tenant/state.js";
import { pageSchema, understood } from "./answer.js";
import { runBatches } from "./batch.js";
import { credentialFor, type TokenSource, tokenSource } from "./credential.js";
import { type CallName, callText, failureOf } from "./failure.js";
import type { Answer, CallOptions, Graph, ReadOptions } from "./graph.js";
import { guarded } from "./guard.js";
import { withQuery } from "./odata.js";
import { type Call, type Transport, transport } from "./transport.js";

let cached: Graph | undefined;
let guardedClient: Graph | undefined;
let tokens: TokenSource | undefined;

/**
 * Microsoft Graph as the app settings say (GRAPH_BASE_URL, GRAPH_AUTHORITY, TENANT_ID, GRAPH_CLIENT_ID, …). Its writes
 * throw `not_enrolled` or `tenant_inactive` unless the tenant is enrolled and Active.
 */
export function graphClient(): Graph {
  guardedClient ??= guarded(tenantManagementGraph(), requireActiveTenant);
  return guardedClient;
}

/** The same, for tenant management itself: it works whatever the tenant's status. */
export function tenantManagementGraph(): Graph {
  cached ??= graphFor(config());
  return cached;
}

/** Has the next call sign in anew, so that consent given or taken meanwhile shows at once. */
export function renewSignIn(): void {
  tokens?.renew();
}

function graphFor(settings: Config): Graph {
  tokens = tokenSource(credentialFor(settings), scopeOf(settings.GRAPH_BASE_URL));
  return graphOver(transport({ baseUrl: settings.GRAPH_BASE_URL, tokens }));
}

/** Token scope of a Graph host (graph.md §6.4); a stand-in on this machine speaks for the global cloud. */
export function scopeOf(baseUrl: string): string {
  const { origin, hostname } = new URL(baseUrl);
  const national = ["graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"];
  return `${national.includes(hostname) ? origin : "https://graph.microsoft.com"}/.default`;
}

/** Graph over any transport. */
export function graphOver(transmit: Transport): Graph {
  const call = async (
    method: Call["method"],
    path: string,
    options: CallOptions = {},
    body?: unknown,
  ): Promise<Answer> => {
    const request: Call = {
      method,
      path: withQuery(path, options.query),
      version: options.version ?? "beta",
      headers: {
        // Members added to an enumeration later stay hidden without it (graph.md §1.0).
        Prefer: "include-unknown-enum-members",
        ...options.headers,
        "client-request-id": randomUUID(),
      },
      ...(body === undefined ? {} : { body }),
    };
    const reply = await transmit(request);
    const parsed = json(reply.text);
    if (reply.status < 200 || reply.status >= 300) {
      throw failureOf(request, reply.status, (name) => reply.headers.get(name), parsed.value);
    }
    if (!parsed.readable) throw unreadable(request);
    return { status: reply.status, body: parsed.value };
  };

  async function* pages<T>(path: string, options: ReadOptions<T>): AsyncGenerator<readonly T[]> {
    const seen = new Set<string>();
    const { query: _first, ...following } = options;
    let answer = await call("GET", path, options);
    for (;;) {
      const page = understood(pageSchema, answer.body, { method: "GET", path });
      const fresh = page.value.filter((item) => isNew(item, seen));
      yield fresh.map((item) => understood(options.schema, item, { method: "GET", path }));
      const next = page["@odata.nextLink"];
      if (next === undefined) return;
      answer = await call("GET", next, following);
    }
  }

  return {
    async get(path, options) {
      const { body } = await call("GET", path, options);
      return understood(options.schema, body, { method: "GET", path });
    },
    pages,
    async list(path, options) {
      const items = [];
      for await (const page of pages(path, options)) items.push(...page);
      return items;
    },
    post: (path, body, options) => call("POST", path, options, body),
    patch: (path, body, options) => call("PATCH", path, options, body),
    put: (path, body, options) => call("PUT", path, options, body),
    delete: (path, options) => call("DELETE", path, options),
    batch: (requests, options) => runBatches(requests, (body) => call("POST", "/$batch", options, body)),
  };
}

const identified = z.object({ id: z.string() });

/** Paging under concurrent change repeats items, and hollow ones occur: each id counts once, no object counts nothing. */
function isNew(item: unknown, seen: Set<string>): boolean {
  if (typeof item !== "object" || item === null) return false;
  const id = identified.safeParse(item);
  if (!id.success) return true;
  if (seen.has(id.data.id)) return false;
  seen.add(id.data.id);
  return true;
}

function json(text: string): { readable: boolean; value: unknown } {
  if (text.trim() === "") return { readable: true, value: undefined };
  try {
    return { readable: true, value: JSON.parse(text) };
  } catch {
    return { readable: false, value: undefined };
  }
}

function unreadable(call: CallName): AppError {
  const message = `Microsoft Graph's answer to ${callText(call)} broke off or is no JSON. The call is repeated by itself.`;
  return new AppError("unavailable", message);
}
