import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

const CHANNEL = "http.client.request.start";

/** Counts the HTTP requests that this process sends, by the port they go to: what storage and Graph cost. */
export class RequestCounter {
  readonly #counts = new Map<string, number>();
  readonly #note = (message: unknown): void => {
    const { host, protocol } = (message as { request: ClientRequest }).request;
    const header = (message as { request: ClientRequest }).request.getHeader("host");
    const port = /:(\d+)$/.exec(String(header ?? host))?.[1] ?? (protocol === "https:" ? "443" : "80");
    this.#counts.set(port, (this.#counts.get(port) ?? 0) + 1);
  };

  constructor() {
    subscribe(CHANNEL, this.#note);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  stop(): void {
    unsubscribe(CHANNEL, this.#note);
  }
}
