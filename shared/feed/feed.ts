import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import { audit, auditEntriesAfter, newestSeq, type SequencedEntry } from "../audit/audit.js";
import { monthOf } from "../calendar/months.js";
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

/** Positions by the names of followers: one document, so that a look costs a read and a write whoever follows. */
const positionsSchema = z.record(z.string(), positionSchema);
type Positions = Readonly<Record<string, Position>>;

const PARTITION = "position";
const ID = "followers";
/** What the feed says of itself is no news. */
const OWN_ACTIONS = /^feed\./;

/**
 * Brings followers up to date: each takes every entry of the audit log once, in the order of writing, by its own stored
 * position. Positions are written after what follows from the entries, so that a crash repeats some and loses none. A
 * follower that cannot go on now waits alone. An entry that it can never take is passed over, with an audit entry that
 * says so: it must not keep the others waiting.
 * @param now domain time, ms
 * @param thorough also looks at the month before
 * @returns how many entries were taken, and what kept followers from going on
 * @throws AppError retryable when storage stays away; what was taken comes again
 */
export async function follow(
  followers: readonly Follower[],
  now: number,
  thorough = false,
): Promise<{ readonly taken: number; readonly failures: readonly AppError[] }> {
  const store = documents(await table("Feed"), positionsSchema);
  const found = await store.get(PARTITION, ID);
  const before: Positions = found?.body ?? {};
  const news = await newsAfter(
    followers.map(({ name }) => before[name] ?? START),
    now,
    thorough,
  );
  const after: Record<string, Position> = { ...before };
  const failures: AppError[] = [];
  let taken = 0;
  for (const follower of followers) {
    const result = await takeAll(follower, before[follower.name] ?? START, news, now);
    after[follower.name] = thorough && result.failure === undefined ? pruned(result.position, now) : result.position;
    taken += result.taken;
    if (result.failure !== undefined) failures.push(result.failure);
  }
  if (JSON.stringify(after) !== JSON.stringify(before)) await keep(store, after, found?.etag);
  const month = monthOf(now);
  const passed = followers.map(({ name }) => after[name]?.[month] ?? 0);
  followed = failures.length === 0 ? `${month} ${Math.min(...passed)}` : "";
  return { taken, failures };
}

/** Up to which entry of which month this instance has followed with success. */
let followed = "";

/** Whether the log has grown since this instance followed it last; one small read. */
export async function hasGrown(now: number): Promise<boolean> {
  const month = monthOf(now);
  return followed !== `${month} ${await newestSeq(month)}`;
}

interface Written extends SequencedEntry {
  readonly month: string;
}

/** Entries that one of the positions has not passed yet. */
async function newsAfter(positions: readonly Position[], now: number, thorough: boolean): Promise<Written[]> {
  const months = [...new Set(positions.flatMap((position) => monthsToRead(position, now, thorough)))].sort();
  const news: Written[] = [];
  for (const month of months) {
    const passed = Math.min(...positions.map((position) => position[month] ?? 0));
    for await (const entry of auditEntriesAfter(month, passed)) news.push({ ...entry, month });
  }
  return news;
}

async function takeAll(follower: Follower, start: Position, news: readonly Written[], now: number) {
  let position = start;
  let taken = 0;
  for (const { month, seq, id, body } of news) {
    if (seq <= (start[month] ?? 0)) continue;
    try {
      if (!OWN_ACTIONS.test(body.action)) await takeOrPass(follower, { id, body }, now);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { position, taken, failure: error };
    }
    position = { ...position, [month]: seq };
    taken++;
  }
  return { position, taken, failure: undefined };
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

/** Somebody who followed at the same time has taken the same entries; his positions stay. */
async function keep(store: Documents<Positions>, positions: Positions, etag?: string): Promise<void> {
  try {
    if (etag === undefined) await store.insert(PARTITION, ID, positions);
    else await store.put(PARTITION, ID, positions, etag);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
  }
}
