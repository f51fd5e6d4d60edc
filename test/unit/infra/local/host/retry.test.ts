import { expect, test } from "vitest";
import type { RetryOptions } from "../../../../../infra/local/host/app/model.js";
import { retryPolicy, runWithRetry } from "../../../../../infra/local/host/invocation/retry.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";

/** Runs attempts that fail `failures` times; the instants of the attempts in seconds and what each was told. */
async function attempts(options: RetryOptions | undefined, failures: number) {
  const clock = new VirtualClock(0);
  const seen: { at: number; retry: number | undefined; last: boolean }[] = [];
  const run = runWithRetry(retryPolicy(options), clock, async ({ retryContext }, last) => {
    seen.push({ at: clock.now() / 1_000, retry: retryContext?.retryCount, last });
    const ok = seen.length > failures;
    return ok ? { ok, context: undefined } : { ok, context: undefined, error: new Error(`no ${seen.length}`) };
  });
  let settled = false;
  void run.then(() => {
    settled = true;
  });
  while (!settled) {
    await new Promise((resolve) => setImmediate(resolve));
    const due = clock.nextDue();
    if (due !== undefined) clock.advance(due);
  }
  return { seen, outcome: await run };
}

test("without options there is one attempt", async () => {
  const { seen, outcome } = await attempts(undefined, 1);
  expect(seen).toEqual([{ at: 0, retry: undefined, last: true }]);
  expect(outcome.ok).toBe(false);
});

test("a fixed delay separates the attempts and the context counts them", async () => {
  const options = { retryStrategy: "fixedDelay", maxRetryCount: 3, delayInterval: { seconds: 5 } };
  const { seen, outcome } = await attempts(options, 2);
  expect(seen.map(({ at, retry }) => [at, retry])).toEqual([
    [0, undefined],
    [5, 1],
    [10, 2],
  ]);
  expect(outcome.ok).toBe(true);
});

test("exponential backoff doubles up to its maximum", async () => {
  const options = {
    retryStrategy: "exponentialBackoff",
    maxRetryCount: 4,
    minimumInterval: { seconds: 2 },
    maximumInterval: { seconds: 7 },
  };
  const { seen } = await attempts(options, 9);
  expect(seen.map(({ at }) => at)).toEqual([0, 2, 6, 13, 20]);
  expect(seen.map(({ last }) => last)).toEqual([false, false, false, false, true]);
});

test("a retry count of -1 goes on until it succeeds", async () => {
  const { seen } = await attempts(
    { retryStrategy: "fixedDelay", maxRetryCount: -1, delayInterval: { seconds: 1 } },
    12,
  );
  expect(seen).toHaveLength(13);
});
