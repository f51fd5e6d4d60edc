import { wall } from "../../../../shared/wall.js";

/**
 * Rejects with `message` when `job` has not settled after `ms` of real time; Infinity never does. The job itself goes on:
 * nothing can interrupt code of the same process.
 */
export async function withTimeout<T>(job: Promise<T>, ms: number, message: string): Promise<T> {
  if (!Number.isFinite(ms)) return job;
  let cancel = (): void => {};
  const expired = new Promise<never>((_, reject) => {
    cancel = wall.after(ms, () => reject(new Error(message)));
  });
  try {
    return await Promise.race([job, expired]);
  } finally {
    cancel();
  }
}
