import { badRequest, GraphFault, Service } from "./errors.js";
import { compile, type PathPattern, type Segment } from "./path.js";
import type { Route, Version } from "./types.js";

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

interface Compiled {
  readonly route: Route;
  readonly pattern: PathPattern;
}

/** The table of routes; earlier routes win, so literal paths stand before `{id}`. */
export class Router {
  readonly #byLength = new Map<number, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const pattern = compile(route.path);
      this.#byLength.set(pattern.length, [...(this.#byLength.get(pattern.length) ?? []), { route, pattern }]);
    }
  }

  /** The route for a request. Throws 405 for a wrong method or version, 400 for a path Graph does not know. */
  find(method: string, version: Version, segments: readonly Segment[]): Match {
    let known = false;
    for (const { route, pattern } of this.#byLength.get(segments.length) ?? []) {
      const params = pattern.match(segments);
      if (params === undefined) continue;
      if (route.only !== undefined && route.only !== version) continue;
      if (route.method === method) return { route, params };
      known = true;
    }
    if (known)
      throw new GraphFault(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
    throw badRequest(`Resource not found for the segment '${segments.at(-1)?.name ?? ""}'.`);
  }
}

/** Which service a path belongs to, for errors raised before a route is known. */
export function serviceOf(path: string): Service {
  if (path.startsWith("/deviceManagement")) return Service.intune;
  return path.startsWith("/admin") ? Service.updates : Service.directory;
}
