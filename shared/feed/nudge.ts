import { clock } from "../clock.js";
import { hasServiceBus } from "../queues/connection.js";
import { sendOnce } from "../queues/send.js";
import { wall } from "../wall.js";

/** The queue whose messages say no more than "look at the audit log". */
export const CHANGES_QUEUE = "changes";

/** Changes of one window of domain time are looked at together, ms. */
const WINDOW_MS = 60_000;
/** After a failure the broker is left alone for so long, ms of wall time, so that an outage does not slow every act. */
const PAUSE_MS = 60_000;

/** What people and other systems want to hear of soon; everything else waits for the hourly look. */
const NEWS =
  /^(?:(?:release|incident|approval|expedite|policyAlert|tenant|support)\.|ring\.(?:begin|end|rollBack|suspended|approved)$)/;

let dueAt = 0;
let silentUntil = 0;
let missed = true;

/** An entry written so long after its instant may belong to an older month, ms of domain time. */
const LATE_MS = 24 * 3_600_000;

/**
 * Has the followers of the audit log look at it soon, after an entry was written. Best effort: the log itself is the
 * outbox. What is not told is found by the hourly look, whichever instance that runs in.
 * @param at instant of the entry, ms
 */
export async function nudge(action: string, at: number): Promise<void> {
  const now = clock.now();
  // What belongs to an older month is found by the thorough look alone.
  if (!NEWS.test(action) || now - at > LATE_MS) missed = true;
  if (!NEWS.test(action)) return;
  // A message that is still to come will find this entry too.
  if (dueAt > now && dueAt <= now + WINDOW_MS) return;
  if (!hasServiceBus() || wall.now() < silentUntil) {
    missed = true;
    return;
  }
  const due = (Math.floor(now / WINDOW_MS) + 1) * WINDOW_MS;
  dueAt = due;
  try {
    await sendOnce(CHANGES_QUEUE, [{ id: `changes ${due}`, body: { due }, notBefore: due }]);
  } catch {
    dueAt = 0;
    silentUntil = wall.now() + PAUSE_MS;
    missed = true;
  }
}

/** Says that something may be left to look at. */
export function noteMissed(): void {
  missed = true;
}

/** Whether this instance knows of something that nobody was told of; asking forgets it. A new instance does not know. */
export function takeMissed(): boolean {
  const was = missed;
  missed = false;
  return was;
}
