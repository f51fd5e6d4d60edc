import type { World } from "./world.js";

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
): Promise<Answer<T>> {
  const response = await fetch(`${world.api.url}/api/v1${path}`, {
    method,
    headers: { "x-functions-key": "function-key-of-the-tests", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
}
