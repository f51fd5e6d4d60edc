import { config } from "../../shared/config.js";
import { AppError } from "../../shared/errors.js";
import { TokenBuckets } from "../../shared/token-buckets.js";
import { wall } from "../../shared/wall.js";

/** Calls whose caller could not be told share one bucket: guessing keys and tokens is slow for everybody together. */
export const NOBODY = "";

let buckets: TokenBuckets | undefined;

function callers(): TokenBuckets {
  const { API_RATE_PER_MINUTE: perMinute, API_RATE_BURST: burst } = config();
  buckets ??= new TokenBuckets({ perMinute, burst });
  return buckets;
}

/** Counts a call of this caller on this instance. Throws `throttled` once they come faster than they may. */
export function countCall(caller: string): void {
  const waitMs = callers().take(caller, wall.monotonic());
  if (waitMs === 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const { API_RATE_PER_MINUTE: limit } = config();
  const message = `More than ${limit} calls a minute. Wait ${retryAfterSeconds} s; nothing was done.`;
  throw new AppError("throttled", message, { retryAfterSeconds, details: { limit } });
}

/** How many calls a caller has left, and in how many seconds all of them, as headers. */
export function rateHeaders(caller: string): Record<string, string> {
  const { left, fullInMs } = callers().state(caller, wall.monotonic());
  return {
    "ratelimit-limit": String(config().API_RATE_PER_MINUTE),
    "ratelimit-remaining": String(left),
    "ratelimit-reset": String(Math.ceil(fullInMs / 1000)),
  };
}
