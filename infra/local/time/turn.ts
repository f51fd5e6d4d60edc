/**
 * Lets the event loop turn once. While something runs, a millisecond passes between two looks, so that watching for
 * quiet does not take the processor from what is watched.
 */
export function turnOf(looksIdle: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (looksIdle) setImmediate(resolve);
    else setTimeout(resolve, 1);
  });
}
