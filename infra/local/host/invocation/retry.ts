import type { Clock } from "../../time/clock.js";
import type { RetryContext, RetryOptions } from "../app/model.js";
import type { Outcome } from "./invoke.js";

export interface RetryPolicy {
  /** Attempts after the first; Infinity when unlimited. */
  readonly maxRetryCount: number;
  /** Milliseconds before the given retry (1 is the first). */
  delay(retry: number): number;
}

/** The host's part of function-level retry (functions-host.md §5.5); absent options mean one attempt. */
export function retryPolicy(options: RetryOptions | undefined): RetryPolicy {
  if (options === undefined) return { maxRetryCount: 0, delay: () => 0 };
  const ms = (interval: { readonly seconds?: number } | undefined) => Number(interval?.seconds ?? 0) * 1_000;
  const [fixed, minimum, maximum] = [options.delayInterval, options.minimumInterval, options.maximumInterval].map(ms);
  return {
    maxRetryCount: options.maxRetryCount < 0 ? Number.POSITIVE_INFINITY : options.maxRetryCount,
    delay: (retry) =>
      options.retryStrategy === "exponentialBackoff"
        ? Math.min(maximum ?? 0, (minimum ?? 0) * 2 ** (retry - 1))
        : (fixed ?? 0),
  };
}

/**
 * Runs `attempt` until it succeeds or the policy is exhausted, waiting on the clock in between; `last` tells the attempt
 * that none follows. Resolves with the last outcome.
 */
export async function runWithRetry(
  policy: RetryPolicy,
  clock: Clock,
  attempt: (retry: { retryContext?: RetryContext }, last: boolean) => Promise<Outcome>,
): Promise<Outcome> {
  let outcome = await attempt({}, policy.maxRetryCount === 0);
  for (let retry = 1; !outcome.ok && retry <= policy.maxRetryCount; retry++) {
    await new Promise<void>((resolve) => clock.at(clock.now() + policy.delay(retry), resolve));
    outcome = await attempt({ retryContext: contextOf(outcome, retry, policy) }, retry === policy.maxRetryCount);
  }
  return outcome;
}

function contextOf(outcome: Outcome, retryCount: number, policy: RetryPolicy): RetryContext {
  const { message = "", stack = "" } = outcome.error ?? {};
  return {
    retryCount,
    maxRetryCount: Number.isFinite(policy.maxRetryCount) ? policy.maxRetryCount : -1,
    exception: { message, source: "", stackTrace: stack },
  };
}
