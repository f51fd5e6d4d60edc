import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** Requests of node:http and of the global fetch; a request of one is never seen on the channel of the other. */
const HTTP = "http.client.request.start";
const FETCH = "undici:request:create";

/** Counts the HTTP requests that this process sends, by the port they go to: what storage and Graph cost. */
export class RequestCounter {
  readonly #counts = new Map<string, number>();
  readonly #onHttp = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    const port = /:(\d+)$/.exec(String(request.getHeader("host") ?? request.host))?.[1];
    this.#note(port, request.protocol);
  };
  readonly #onFetch = (message: unknown): void => {
    const { port, protocol } = new URL((message as { request: { origin: string | URL } }).request.origin);
    this.#note(port, protocol);
  };

  constructor() {
    subscribe(HTTP, this.#onHttp);
    subscribe(FETCH, this.#onFetch);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  stop(): void {
    unsubscribe(HTTP, this.#onHttp);
    unsubscribe(FETCH, this.#onFetch);
  }

  #note(given: string | undefined, protocol: string): void {
    const port = given || (protocol === "https:" ? "443" : "80");
    this.#counts.set(port, (this.#counts.get(port) ?? 0) + 1);
  }
}
