import { wall } from "../../../shared/wall.js";

/**
 * Lets the event loop turn once. While something runs, a millisecond passes between two looks, so that watching for
 * quiet does not take the processor from what is watched.
 */
export function turnOf(looksIdle: boolean): Promise<void> {
  return looksIdle ? new Promise((resolve) => setImmediate(resolve)) : wall.sleep(1);
}
