import type { Outcome } from "./graph/api.js";

/** A request to a site of the tenant's host that is not Graph. */
export interface SiteCall {
  readonly method: string;
  /** As sent, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came. */
  readonly text: string;
  /** Scheme, host and port of this server. */
  readonly origin: string;
}

/** Something beside Graph and the token endpoint that answers on the tenant's host. */
export interface Site {
  /** Undefined when the path is none of its own. */
  answer(call: SiteCall): Outcome | undefined;
}
