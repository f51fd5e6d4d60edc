import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { retryAfterSeconds } from "../../graph/retry-after.js";
import { checkedLookup, checkTarget } from "./target.js";

/** Longest wait for an answer, ms of wall time. */
const TIMEOUT_MS = 10_000;

export interface PostAnswer {
  readonly status: number;
  readonly retryAfterMs: number;
}

/**
 * Posts an event. Redirects are not followed and the answer's body is not read. The address is checked again, as are the
 * addresses that its name stands for at this moment.
 * @throws AppError `rule_violated` for an address that is not allowed; Error when there is no answer
 */
export function postEvent(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<PostAnswer> {
  const url = checkTarget(address);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const content = {
    "content-type": "application/cloudevents+json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "user-agent": "Ringmaster",
  };
  return new Promise((resolve, reject) => {
    const call = send(url, {
      method: "POST",
      headers: { ...content, ...headers },
      // A connection that was opened for an earlier check is not used again.
      agent: false,
      lookup: guardedLookup,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    call.once("response", (response) => {
      const retryAfter = retryAfterSeconds(response.headers["retry-after"], response.headers.date) ?? 0;
      resolve({ status: response.statusCode ?? 0, retryAfterMs: retryAfter * 1000 });
      response.destroy();
    });
    call.on("error", reject);
    call.end(body);
  });
}

const guardedLookup: LookupFunction = (host, options, done) => {
  checkedLookup(host).then(
    (found) => {
      const [first] = found;
      if (options.all === true) done(null, found);
      else if (first === undefined) done(new Error(`${host} has no address.`), "", 4);
      else done(null, first.address, first.family);
    },
    (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), "", 4),
  );
};
