import type { AppFunction } from "../app/functions.js";
import { methodsOf, routeOf } from "./functions.js";
import { AuthLevel, type Keys } from "./keys.js";
import { type HttpAnswer, type HttpHandler, type HttpRequest, json } from "./message.js";

export type HostState = "Initializing" | "Running" | "Offline";

export interface AdminOptions {
  readonly hostId: string;
  readonly functions: readonly AppFunction[];
  readonly routePrefix: string;
  readonly keys: Keys;
  readonly state: () => HostState;
  /** Milliseconds since the start. */
  readonly uptime: () => number;
  readonly url: () => string;
  /** Starts a function by hand; undefined when its kind cannot be started so. */
  readonly run: (fn: AppFunction, input: string) => Promise<void> | undefined;
}

/** The host's own API below `/admin` (functions-host.md §5.4). Ping and status need no key: a supervisor asks for them. */
export function adminApi(options: AdminOptions): HttpHandler {
  return async (request) => {
    const [admin, area, ...rest] = request.url.pathname.split("/").slice(1);
    if (admin?.toLowerCase() !== "admin") return undefined;
    const path = [area, ...rest].join("/").toLowerCase();
    if (path === "host/ping") return { status: 200 };
    if (path === "host/status" && request.method === "GET") return status(options);
    if (!options.keys.allows(request, AuthLevel.admin)) return { status: 401 };
    if (area?.toLowerCase() === "functions") return functions(options, request, rest[0]);
    return { status: 404 };
  };
}

/** Every host answers at its root unless a function does. */
export const homePage: HttpHandler = async ({ url, method }) =>
  url.pathname === "/" && method === "GET"
    ? { status: 200, headers: { "content-type": "text/plain" }, body: "The function app is running.\n" }
    : undefined;

function status({ hostId, state, uptime }: AdminOptions): HttpAnswer {
  const version = "4.1037.0";
  return json(200, {
    id: hostId,
    state: state(),
    version,
    versionDetails: `${version} (local)`,
    processUptime: uptime(),
    functionAppContentEditingState: "Unknown",
  });
}

function functions(options: AdminOptions, request: HttpRequest, name: string | undefined): HttpAnswer {
  const list = options.functions;
  if (name === undefined)
    return json(
      200,
      list.map((fn) => describe(options, fn)),
    );
  const fn = list.find((candidate) => candidate.name.toLowerCase() === decodeURIComponent(name).toLowerCase());
  if (fn === undefined) return { status: 404 };
  if (request.method === "GET") return json(200, describe(options, fn));
  return request.method === "POST" ? start(options, fn, request) : { status: 404 };
}

function start(options: AdminOptions, fn: AppFunction, request: HttpRequest): HttpAnswer {
  const input = inputOf(request);
  if (input === undefined) return json(400, { message: 'The body must be JSON: {"input":"<text>"}.' });
  const run = options.run(fn, input);
  if (run === undefined) {
    return json(400, { message: `"${fn.name}" has a ${fn.kind}, which cannot be started by hand.` });
  }
  return { status: 202 };
}

function inputOf(request: HttpRequest): string | undefined {
  if (request.body.length === 0) return "";
  try {
    const { input } = JSON.parse(request.body.toString("utf8")) as { input?: unknown };
    return typeof input === "string" ? input : input === undefined ? "" : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function describe({ url, routePrefix }: AdminOptions, fn: AppFunction): unknown {
  const http = fn.kind === "httpTrigger";
  return {
    name: fn.name,
    href: `${url()}/admin/functions/${fn.name}`,
    ...(http ? { invoke_url_template: `${url()}/${routeOf(fn, routePrefix)}`, methods: methodsOf(fn) } : {}),
    language: "node",
    isDisabled: false,
    config: { scriptFile: fn.file, bindings: fn.bindings.map(({ key: _, ...binding }) => binding) },
  };
}
