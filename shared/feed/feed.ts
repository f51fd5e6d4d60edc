import { SERVICE } from "../access/roles.js";
import { audit, auditEntriesAfter, type SequencedEntry } from "../audit/audit.js";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { monthsToRead, type Position, positionSchema, pruned, START } from "./position.js";

/** An audit entry as those see it who follow the log. */
export type Change = Omit<SequencedEntry, "link" | "seq">;

/** Somebody who follows the audit log. */
export interface Follower {
  /** Stable: its position is kept under it. */
  readonly name: string;
  /**
   * Takes one change. It may come again, also after it was taken: what follows from it must be found by the change's id.
   * Throws a retryable AppError when it has to come again, anything else when it never can be taken.
   */
  take(change: Change, now: number): Promise<void>;
}

const PARTITION = "position";
/** What the feed says of itself is no news. */
const OWN_ACTIONS = /^feed\./;

/**
 * Brings a follower up to date: every entry of the audit log once in the order of writing, by a stored position. The
 * position is written after what follows from the entries, so that a crash repeats some and loses none. An entry that
 * can never be taken is passed over, with an audit entry that says so: it must not keep the others waiting.
 * @param now domain time, ms
 * @param thorough also looks at the month before
 * @returns how many entries were taken
 * @throws AppError retryable, with everything before it taken
 */
export async function follow(follower: Follower, now: number, thorough = false): Promise<number> {
  const positions = await store();
  const found = await positions.get(PARTITION, follower.name);
  const before = found?.body ?? START;
  let position: Position = before;
  let count = 0;
  try {
    for (const month of monthsToRead(before, now, thorough)) {
      for await (const { seq, link: _link, ...change } of auditEntriesAfter(month, position[month] ?? 0)) {
        if (!OWN_ACTIONS.test(change.body.action)) await takeOrPass(follower, change, now);
        position = { ...position, [month]: seq };
        count++;
      }
    }
    if (thorough) position = pruned(position, now);
  } finally {
    if (JSON.stringify(position) !== JSON.stringify(before)) {
      await keep(positions, follower.name, position, found?.etag);
    }
  }
  return count;
}

async function takeOrPass(follower: Follower, change: Change, now: number): Promise<void> {
  try {
    await follower.take(change, now);
  } catch (error) {
    if (error instanceof AppError && error.retryable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const evidence = { follower: follower.name, entry: change.id, reason };
    const key = `${follower.name} ${change.id}`;
    await audit({ at: now, actor: SERVICE, action: "feed.passOver", target: "feed", key, evidence });
  }
}

/** Somebody who followed at the same time has taken the same entries; his position stays. */
async function keep(positions: Documents<Position>, name: string, position: Position, etag?: string): Promise<void> {
  try {
    if (etag === undefined) await positions.insert(PARTITION, name, position);
    else await positions.put(PARTITION, name, position, etag);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
  }
}

async function store(): Promise<Documents<Position>> {
  return documents(await table("Feed"), positionSchema);
}
