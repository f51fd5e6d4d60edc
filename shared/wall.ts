/**
 * Wall time: what the real world measures (message locks, tokens, signature windows, socket timeouts, pacing).
 * Domain time lives in clock.ts; no other file of the product reads the machine's clock.
 */
export const wall = {
  /** Milliseconds since the epoch. */
  now: (): number => Date.now(),
  /** Milliseconds that never go backwards, for measuring durations. */
  monotonic: (): number => performance.now(),
  /** Resolves after `ms` milliseconds of real time. */
  sleep: (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
  /** Runs `fire` once after `ms` milliseconds; returns a function that cancels it. Never keeps the process alive. */
  after(ms: number, fire: () => void): () => void {
    const handle = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
    handle.unref();
    return () => clearTimeout(handle);
  },
} as const;
