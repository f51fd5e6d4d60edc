import { createHash } from "node:crypto";
import { type Answer, call, type Problem } from "./api.js";
import type { World } from "./world.js";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Somebody who calls the app's API with a token of the tenant, beside the key that every client has. */
export class Person {
  /** Object id in Entra. */
  readonly oid: string;

  constructor(
    private readonly world: World,
    readonly name: string,
    /** App roles in the token. */
    readonly roles: readonly string[],
  ) {
    this.oid = createHash("sha256")
      .update(name)
      .digest("hex")
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  }

  /** Calls the API and answers whatever the status. */
  call<T = Problem>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
    const { oid, name, roles } = this;
    return callWithToken<T>(this.world, this.world.tenant.token({ oid, name, roles }), method, path, body);
  }
}

/** The same with any token. */
export function callWithToken<T = Problem>(
  world: World,
  token: string,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  return call<T>(world, method, path, body, { authorization: `Bearer ${token}` });
}
