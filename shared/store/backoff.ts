import { AppError } from "../errors.js";
import { hash32 } from "../random.js";
import { wall } from "../wall.js";

export interface Backoff {
  /** Tries in all, the first included. */
  readonly tries: number;
  /** First pause, milliseconds; doubles with each try. */
  readonly firstMs: number;
  /** Longest pause, milliseconds. */
  readonly maxMs: number;
  /** Which errors are worth another try. */
  readonly retry: (error: AppError) => boolean;
  /** Spreads the pauses of competitors apart. */
  readonly seed: string;
}

/** Storage that is away for a moment: about two seconds of patience, then the caller's own retry takes over. */
export const STORAGE_BACKOFF: Omit<Backoff, "seed"> = {
  tries: 5,
  firstMs: 100,
  maxMs: 1000,
  retry: (error) => error.retryable,
};

/** Runs `work` until it succeeds, fails for good, or the tries are used up; then throws the last error. */
export async function withBackoff<T>(backoff: Backoff, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof AppError) || !backoff.retry(error) || attempt >= backoff.tries) throw error;
      const pause = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1));
      await wall.sleep(pause * (0.5 + hash32(backoff.seed, attempt) / 2 ** 32));
    }
  }
}
