import { ApiClient } from "../../functions/api/client.js";
import type { World } from "./world.js";

const KEY = { "x-functions-key": "function-key-of-the-tests" };
const clients = new WeakMap<World, ApiClient>();

/** The typed client of the app's API, for calls that have to succeed; with the function key alone. */
export function clientOf(world: World): ApiClient {
  const client = clients.get(world) ?? new ApiClient({ url: world.api.url, headers: () => KEY });
  clients.set(world, client);
  return client;
}

export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
}

/** What a refusal says (RFC 9457). */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly rule?: string;
  readonly limit?: number | string;
}

/** Calls the app's API over HTTP and answers whatever the status, for calls that may be refused. */
export async function call<T = Problem>(
  world: World,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const response = await fetch(`${world.api.url}/api/v1${path}`, {
    method,
    headers: { ...KEY, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
}
