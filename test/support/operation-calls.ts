import type { HttpFunctionOptions, HttpResponseInit } from "@azure/functions";
import { vi } from "vitest";

type Handler = (request: object, context: object) => Promise<HttpResponseInit>;

export interface Sent {
  /** Parameters of the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Replied {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Calls operations of the API by their names, without a host. To be had before the modules of the operations are
 * loaded, whose `@azure/functions` and `durable-functions` it replaces.
 */
export function operationCalls(): (name: string, sent?: Sent) => Promise<Replied> {
  const registered = new Map<string, HttpFunctionOptions>();
  const http = (name: string, options: HttpFunctionOptions) => registered.set(name, options);
  vi.doMock("@azure/functions", () => ({ app: { http } }));
  vi.doMock("durable-functions", () => ({ input: { durableClient: () => ({}) }, getClient: () => ({}) }));
  return async (name, { params = {}, query = {}, headers = {}, body } = {}) => {
    const options = registered.get(name);
    if (options === undefined) throw new Error(`No operation ${name} is loaded.`);
    const { methods: [method] = ["GET"], route = "", handler } = options;
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const request = {
      ...{ method, params, headers: new Headers({ ...type, ...headers }), query: new URLSearchParams(query) },
      url: `http://app/${route.replace(/\{(\w+)\}/g, (_whole, parameter: string) => params[parameter] ?? "")}`,
      text: async () => (body === undefined ? "" : JSON.stringify(body)),
    };
    const context = { error: () => undefined };
    const reply = await (handler as unknown as Handler)(request, context);
    return {
      status: reply.status,
      headers: new Headers(reply.headers as Record<string, string>),
      body: JSON.parse(String(reply.body ?? "null")) as Record<string, unknown>,
    };
  };
}
