import type { AppFunction } from "../app/functions.js";
import { fieldOf } from "../app/functions.js";
import type { TypedData } from "../app/model.js";
import type { Invoker } from "../invocation/invoke.js";
import { messageOf, StartError } from "../start-error.js";
import { AuthLevel, type Keys } from "./keys.js";
import type { HttpAnswer, HttpHandler, HttpRequest } from "./message.js";
import { toAnswer } from "./response.js";
import { compileRoute, type RouteMatcher } from "./route.js";
import type { StreamingCall } from "./streaming.js";

interface Endpoint {
  readonly fn: AppFunction;
  readonly route: RouteMatcher;
  readonly methods: ReadonlySet<string>;
  readonly level: AuthLevel;
}

export interface HttpFunctionsOptions {
  readonly functions: readonly AppFunction[];
  readonly routePrefix: string;
  readonly keys: Keys;
  readonly invoke: Invoker;
  /** Present when the app serves HTTP itself (streaming mode). */
  readonly streaming?: StreamingCall;
}

/**
 * Serves the HTTP-triggered functions: routes in order of registration, the first that matches path and method wins.
 * Throws a StartError for a route, method or level it cannot read.
 */
export function httpFunctions(options: HttpFunctionsOptions): HttpHandler {
  const endpoints = options.functions.map((fn) => endpoint(fn, options.routePrefix));
  return async (request) => {
    const path = request.url.pathname.slice(1);
    for (const { fn, route, methods, level } of endpoints) {
      const params = methods.has(request.method) ? route(path) : undefined;
      if (params === undefined) continue;
      if (!options.keys.allows(request, level)) return { status: 401 };
      return options.streaming?.(fn, request, params) ?? buffered(options.invoke, fn, request, params);
    }
    return undefined;
  };
}

/** The URL template of a function, below the host's address. */
export function routeOf(fn: AppFunction, routePrefix: string): string {
  const route = typeof fn.trigger.route === "string" ? fn.trigger.route : fn.name;
  return [routePrefix, route.replace(/^\/+/, "")].filter((part) => part !== "").join("/");
}

function endpoint(fn: AppFunction, routePrefix: string): Endpoint {
  const level = String(fn.trigger.authLevel ?? AuthLevel.function).toLowerCase();
  if (!isLevel(level)) {
    throw new StartError(fieldOf(fn, "authLevel"), `expected anonymous, function or admin; received "${level}"`);
  }
  try {
    return { fn, route: compileRoute(routeOf(fn, routePrefix)), methods: new Set(methodsOf(fn)), level };
  } catch (error) {
    throw new StartError(fieldOf(fn, "route"), `"${fn.trigger.route}": ${messageOf(error)}`);
  }
}

function isLevel(level: string): level is AuthLevel {
  return Object.values<string>(AuthLevel).includes(level);
}

export function methodsOf(fn: AppFunction): string[] {
  const { methods } = fn.trigger;
  return Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : ["GET", "POST"];
}

async function buffered(
  invoke: Invoker,
  fn: AppFunction,
  request: HttpRequest,
  params: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const outcome = await invoke({ fn, data: toTypedData(request, params) });
  return outcome.ok ? toAnswer(outcome.response?.returnValue) : { status: 500 };
}

function toTypedData(request: HttpRequest, params: Readonly<Record<string, string>>): TypedData {
  const bodiless = request.method === "GET" || request.method === "HEAD" || request.body.length === 0;
  return {
    http: {
      method: request.method,
      url: request.url.href,
      headers: request.headers,
      params,
      query: Object.fromEntries(request.url.searchParams),
      ...(bodiless ? {} : { body: { bytes: request.body } }),
    },
  };
}
