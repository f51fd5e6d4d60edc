import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

const CHANNEL = "http.client.request.start";

/** Counts requests of this process to one local port; a transaction of the table service is one request. */
export function countRequests(port: number): { count(): number; stop(): void } {
  let requests = 0;
  const onStart = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (request.getHeader("host") === `127.0.0.1:${port}`) requests++;
  };
  subscribe(CHANNEL, onStart);
  return { count: () => requests, stop: () => unsubscribe(CHANNEL, onStart) };
}
