import type { HttpFunctionOptions } from "@azure/functions";
import { vi } from "vitest";

/** What the app registers with the host. */
export interface Registered {
  readonly http: ReadonlyMap<string, HttpFunctionOptions>;
}

/** Loads the whole app and remembers its HTTP functions. For a test file of its own, whose modules it changes. */
export async function registered(): Promise<Registered> {
  const http = new Map<string, HttpFunctionOptions>();
  vi.doMock("@azure/functions", async (original) => {
    const real = await original<typeof import("@azure/functions")>();
    const silent = { timer: () => undefined, serviceBusQueue: () => undefined };
    const remember = (name: string, options: HttpFunctionOptions) => http.set(name, options);
    return { ...real, app: { ...real.app, ...silent, http: remember } };
  });
  await import("../../functions/index.js");
  return { http };
}
