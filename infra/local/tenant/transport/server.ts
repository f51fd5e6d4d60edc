import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "../authority/authority.js";
import type { GraphApi, Outcome } from "../graph/api.js";
import type { GraphResponse, Version } from "../graph/types.js";
import type { Site } from "../site.js";
import { guid } from "../state/ids.js";
import type { Certificates } from "./certificates.js";

export interface ServerDeps {
  readonly certificates: Certificates;
  readonly authority: Authority;
  readonly api: GraphApi;
  /** Whatever else answers on this host. */
  readonly sites: readonly Site[];
  readonly port: number;
}

/** A request that has arrived. */
export type Asked = Pick<IncomingMessage, "method" | "url" | "headers">;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly text: string;
}

const JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
/** Idle connections stay open so long that a client never reuses one that is just being closed. */
const KEEP_ALIVE_MS = 600_000;

/** The HTTPS front of the tenant: token endpoint, Microsoft Graph and the lists of vulnerabilities on one port. */
export class TenantServer {
  #requests = 0;
  #open = 0;
  readonly #server: Server;

  private constructor(private readonly deps: ServerDeps) {
    const { serverKey: key, serverCertificate: cert } = deps.certificates;
    this.#server = createServer({ key, cert, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  static async listen(deps: ServerDeps): Promise<TenantServer> {
    const server = new TenantServer(deps);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(deps.port, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  /** Requests so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Requests being answered now. */
  get open(): number {
    return this.#open;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Answers a request of this process, without a connection; undefined where one would have been reset. */
  answer(request: Asked, text: string): Reply | undefined {
    this.#requests++;
    return this.#replyOf(request, this.#answer(request, text));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++;
    this.#open++;
    try {
      const text = await bodyOf(request);
      this.#send(request, response, this.#answer(request, text));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const body = { error: { code: "InternalServerError", message } };
      if (!response.headersSent) this.#send(request, response, { response: { status: 500, body } });
    } finally {
      this.#open--;
    }
  }

  #answer(request: Asked, text: string): Outcome {
    const { authority, api } = this.deps;
    const url = new URL(request.url ?? "/", this.origin);
    const method = request.method ?? "GET";
    const [, version, path = "/"] = /^\/(v1\.0|beta)(\/.*)?$/.exec(url.pathname) ?? [];
    const headers = request.headers as Record<string, string | undefined>;
    if (version === undefined) {
      const { pathname: path, searchParams: query } = url;
      for (const site of this.deps.sites) {
        const outcome = site.answer({ method, path, query, headers, text, origin: this.origin });
        if (outcome !== undefined) return outcome;
      }
      const answered = authority.answer(method, path, new URLSearchParams(text), this.origin);
      return { response: answered ?? unknownVersion() };
    }
    const body = parse(text);
    if (body === UNREADABLE) return { response: unreadable() };
    const claims = authority.authenticate(headers.authorization, this.origin);
    return api.answer({
      method,
      version: version as Version,
      path,
      search: url.search,
      headers,
      body,
      origin: this.origin,
      claims,
    });
  }

  #send(request: IncomingMessage, response: ServerResponse, outcome: Outcome): void {
    const reply = this.#replyOf(request, outcome);
    if (reply === undefined) request.socket.destroy();
    else response.writeHead(reply.status, reply.headers).end(reply.text);
  }

  #replyOf(request: Asked, { response: answer, accident }: Outcome): Reply | undefined {
    if (accident === "reset") return undefined;
    const text = answer.text ?? (answer.body === undefined ? "" : JSON.stringify(answer.body));
    const type = answer.text !== undefined ? "text/plain" : answer.body === undefined ? undefined : JSON_TYPE;
    const requestId = guid("request", this.origin, this.#requests);
    const sent = accident === "truncated" ? text.slice(0, text.length / 2) : text;
    const headers = {
      "request-id": requestId,
      "client-request-id": String(request.headers["client-request-id"] ?? requestId),
      "OData-Version": "4.0",
      "x-ms-ags-diagnostic": JSON.stringify({ ServerInfo: { DataCenter: "Local", RoleInstance: "tenant" } }),
      ...(type === undefined ? {} : { "Content-Type": type }),
      ...(answer.status === 204 ? {} : { "Content-Length": Buffer.byteLength(sent) }),
      ...answer.headers,
    };
    return { status: answer.status, headers, text: sent };
  }
}

const UNREADABLE = Symbol("unreadable");

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function unreadable(): GraphResponse {
  return { status: 400, body: { error: { code: "BadRequest", message: "Unable to read JSON request payload." } } };
}

function unknownVersion(): GraphResponse {
  return { status: 404, body: { error: { code: "ResourceNotFound", message: "Invalid version or path." } } };
}
