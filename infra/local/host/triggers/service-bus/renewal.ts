import { wall } from "../../../../../shared/wall.js";
import type { Arrival, Channel } from "./channel.js";
import { lockedUntil } from "./metadata.js";

/** As the Functions host: locks are renewed for at most this long (maxAutoLockRenewalDuration). */
const LONGEST_MS = 5 * 60_000;
const SHORTEST_WAIT_MS = 10;

/** Renews the lock of a message, each time when half of it has passed, until the returned function is called. */
export function keepLocked(channel: Channel, arrival: Arrival): () => void {
  const end = wall.now() + LONGEST_MS;
  let stopped = false;
  let cancel: () => void = () => undefined;
  const arm = (until: number) => {
    const wait = Math.max(SHORTEST_WAIT_MS, (until - wall.now()) / 2);
    if (!stopped && wall.now() + wait < end) cancel = wall.after(wait, renew);
  };
  // A lost lock shows when the message is settled; there is nothing to be done about it here.
  const renew = () => void channel.renewLock(arrival).then(arm, () => undefined);
  arm(lockedUntil(arrival.message));
  return () => {
    stopped = true;
    cancel();
  };
}
