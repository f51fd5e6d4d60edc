import { wall } from "../../../../shared/wall.js";
import type { Claims } from "../authority/tokens.js";
import { parseOptions } from "../odata/options.js";
import { guid } from "../state/ids.js";
import { dateText, type World } from "../world.js";
import { type BatchStep, runBatch } from "./batch.js";
import { errorBody, forbidden, GraphFault } from "./errors.js";
import { segmentsOf } from "./path.js";
import { permitted } from "./permissions.js";
import { Router, serviceOf } from "./router.js";
import type { GraphResponse, Route, Version } from "./types.js";

/** One call as it came over the wire, body already read. */
export interface Call {
  readonly method: string;
  readonly version: Version;
  /** Below the version. */
  readonly path: string;
  readonly search: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly origin: string;
  readonly claims: Claims | undefined;
}

/** An answer, and what goes wrong on its way to the client. */
export interface Outcome {
  readonly response: GraphResponse;
  readonly accident?: "reset" | "truncated";
}

/** Items that a page repeats from the one before when that fault strikes. */
const REPEATED = 2;

/** Microsoft Graph: finds the route, checks the token's roles, runs it, and wraps failures in Graph's envelope. */
export class GraphApi {
  readonly #router: Router;

  constructor(
    private readonly world: World,
    routes: readonly Route[],
    /** Whether a caller with a genuine token is still in the tenant. */
    private readonly knows: (claims: Claims) => boolean,
  ) {
    this.#router = new Router(routes);
  }

  answer(call: Call): Outcome {
    if (call.claims === undefined) return { response: this.#failure(call, unauthenticated()) };
    if (!this.knows(call.claims)) return { response: this.#failure(call, forbidden(serviceOf(call.path))) };
    if (!/^\/\$batch$/i.test(call.path)) return this.#dispatch(call, call.claims);
    if (call.method !== "POST") return { response: this.#failure(call, notAllowed()) };
    const { claims } = call;
    const run = (step: BatchStep) => this.#dispatch(stepCall(call, step), claims).response;
    return { response: this.#guarded(call, () => runBatch(call.body, run)) };
  }

  #dispatch(call: Call, claims: Claims): Outcome {
    const { faults, store } = this.world;
    const name = `${call.method} ${call.path}${call.search}`;
    const strikes = faults.draw(name);
    if (strikes("throttle")) return { response: this.#failure(call, this.#throttled(name)) };
    const write = call.method !== "GET";
    const response = this.#guarded(call, () => {
      const { route, params } = this.#router.find(call.method, call.version, segmentsOf(call.path));
      if (!permitted(claims.roles, route.needs)) throw forbidden(route.service);
      if (route.answersAccepted === true && strikes("hiddenWrite")) return { status: 202 };
      const query = parseOptions(new URLSearchParams(call.search));
      const root = `${call.origin}/${call.version}`;
      const caller = { clientId: claims.appid, roles: claims.roles };
      const repeatItems = strikes("repeatItems") ? REPEATED : 0;
      const answered = store.atomically(() => route.handle({ ...call, ...caller, params, query, root, repeatItems }));
      if (write && strikes("unavailableAfterWrite")) throw unavailable(faults.namesDate(name));
      return answered;
    });
    if (write && response.status < 300 && strikes("resetAfterWrite")) return { response, accident: "reset" };
    return strikes("truncatedJson") ? { response, accident: "truncated" } : { response };
  }

  #guarded(call: Call, run: () => GraphResponse): GraphResponse {
    try {
      return run();
    } catch (error) {
      if (error instanceof GraphFault) return this.#failure(call, error);
      throw error;
    }
  }

  #failure(call: Call, fault: GraphFault): GraphResponse {
    const date = dateText(this.world.clock.now()).slice(0, 19);
    const request = guid("request", date, call.method, call.path);
    const ids = { date, request, client: call.headers["client-request-id"] ?? request };
    return { status: fault.status, headers: fault.headers, body: errorBody(fault, serviceOf(call.path), ids) };
  }

  #throttled(name: string): GraphFault {
    const seconds = this.world.faults.current.throttle?.retryAfterSeconds ?? 10;
    const now = wall.now();
    const until = new Date(now + seconds * 1000).toUTCString();
    return new GraphFault(429, "TooManyRequests", "Too many requests: wait before the next one.", {
      Date: new Date(now).toUTCString(),
      "Retry-After": this.world.faults.namesDate(name) ? until : String(seconds),
    });
  }
}

function stepCall(call: Call, step: BatchStep): Call {
  const [path = "", query] = step.url.split("?", 2);
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ...call,
    method: step.method,
    path,
    search: query === undefined ? "" : `?${query}`,
    headers,
    body: step.body,
  };
}

function unauthenticated(): GraphFault {
  const header = {
    "WWW-Authenticate": 'Bearer realm="", authorization_uri="https://localhost/common/oauth2/authorize"',
  };
  return new GraphFault(
    401,
    "InvalidAuthenticationToken",
    "Access token is empty, expired or not for Microsoft Graph.",
    header,
  );
}

function notAllowed(): GraphFault {
  return new GraphFault(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
}

function unavailable(gateway: boolean): GraphFault {
  return gateway
    ? new GraphFault(504, "UnknownError", "The gateway did not receive a response in time.")
    : new GraphFault(503, "ServiceUnavailable", "The service is temporarily unavailable.", { "Retry-After": "5" });
}
