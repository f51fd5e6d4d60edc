import { z } from "zod";
import type { Actor } from "../access/roles.js";
import { monthOf, shiftedMonth } from "../calendar/months.js";
import { AppError } from "../errors.js";
import { nudge } from "../feed/nudge.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { joinText, splitText } from "../store/long-text.js";
import { type Row, safeKey, scan, type Table, timeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import { GENESIS, type Link, linkOf } from "./chain.js";

/** One change: who did what to which thing, why, and on which evidence (design.md §3.12). */
export const auditEntrySchema = z.object({
  /** ISO 8601, UTC, domain time. */
  at: z.string(),
  actor: z.object({ id: z.string(), name: z.string() }),
  /** `release.pause`, `group.update` … */
  action: z.string(),
  /** What it was done to: `release/…`, `group/…`. */
  target: z.string(),
  justification: z.string().optional(),
  evidence: z.record(z.string(), z.unknown()).optional(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export interface AuditRecord {
  readonly at: number;
  readonly actor: Pick<Actor, "id" | "name">;
  readonly action: string;
  readonly target: string;
  readonly justification?: string | undefined;
  readonly evidence?: Readonly<Record<string, unknown>> | undefined;
  /** Tells acts of one instant apart, the same when the same act is written again. */
  readonly key: string;
}

/** An entry with its place in the month's chain; entries of before the chain have none. */
export interface StoredEntry {
  readonly id: string;
  readonly body: AuditEntry;
  readonly link: Link | undefined;
}

/** The newest link of a month; sorts before every entry. */
const HEAD = "!head";
/** Rows that list a month's entries in the order in which they were written; they sort before every entry. */
const SEQUENCE = "!seq ";
/** Months that a new one looks back for what its chain follows. */
const MONTHS_BACK = 24;

interface Head extends Pick<Link, "seq" | "hash"> {
  /** Undefined while the month has no entry. */
  readonly etag: string | undefined;
}

const heads = new Map<string, Head>();
let tail: Promise<unknown> = Promise.resolve();

/**
 * Adds an entry to the append-only audit log, chained to the one before by its hash (chain.ts). The same (at, action, key)
 * twice is one entry. Whoever follows the log (shared/feed) is told.
 */
export async function audit(record: AuditRecord): Promise<void> {
  const write = () => append(record);
  const run = tail.then(write, write);
  tail = run.catch(() => undefined);
  await run;
  await nudge(record.action, record.at);
}

async function append({ at, actor, action, target, justification, evidence, key }: AuditRecord): Promise<void> {
  const [month, id] = [monthOf(at), `${timeKey(at)} ${action} ${key}`];
  const body: AuditEntry = {
    at: new Date(at).toISOString(),
    actor: { id: actor.id, name: actor.name },
    action,
    target,
    ...(justification === undefined ? {} : { justification }),
    ...(evidence === undefined ? {} : { evidence: { ...evidence } }),
  };
  // What JSON leaves out is not part of the entry either.
  const text = JSON.stringify(body);
  const log = await table("Audit");
  const retry = (error: AppError) => error.retryable || error.code === "conflict" || error.code === "not_found";
  await withBackoff({ ...STORAGE_BACKOFF, tries: 20, firstMs: 5, retry, seed: id }, async () => {
    try {
      await commit(log, month, id, text);
    } catch (error) {
      heads.delete(month);
      if (error instanceof AppError && error.code === "conflict" && (await log.get(month, safeKey(id))) !== undefined) {
        return;
      }
      throw error;
    }
  });
}

/** The entry and the new head in one transaction: whoever is second finds another head, and tries again behind it. */
async function commit(log: Table, month: string, id: string, text: string): Promise<void> {
  const head = heads.get(month) ?? (await readHead(log, month));
  const link = linkOf(head.hash, head.seq + 1, { id, ...JSON.parse(text) });
  const newest = { rowKey: HEAD, values: { seq: link.seq, hash: link.hash } };
  const [etag] = await log.commit(month, [
    head.etag === undefined ? { kind: "insert", ...newest } : { kind: "replace", ...newest, etag: head.etag },
    { kind: "insert", rowKey: safeKey(id), values: { ...splitText("body", text), id, ...link } },
    { kind: "insert", rowKey: sequenceKey(link.seq), values: { entry: safeKey(id) } },
  ]);
  heads.set(month, { seq: link.seq, hash: link.hash, etag });
  remember(month, { id, body: JSON.parse(text), link });
}

async function readHead(log: Table, month: string): Promise<Head> {
  const row = await log.get(month, HEAD);
  if (row !== undefined) return { seq: Number(row.values.seq), hash: String(row.values.hash), etag: row.etag };
  for (let back = 1; back <= MONTHS_BACK; back++) {
    const before = await log.get(shiftedMonth(month, -back), HEAD);
    if (before !== undefined) return { seq: 0, hash: String(before.values.hash), etag: undefined };
  }
  return { seq: 0, hash: GENESIS, etag: undefined };
}

/** The entries of a month of domain time (`2024-06`), oldest first. */
export async function* auditEntries(month: string): AsyncIterable<StoredEntry> {
  for await (const row of scan(await table("Audit"), month, { from: timeKey(0) })) yield entryOf(row);
}

/** An entry with its number in the order of writing, which is not that of its instant: some are written late. */
export interface SequencedEntry extends StoredEntry {
  readonly seq: number;
}

/**
 * The entries of a month that were written after the one numbered `seq` (0: all), in the order of writing. Entries of
 * before this order was kept are left out.
 */
export async function* auditEntriesAfter(month: string, seq: number): AsyncIterable<SequencedEntry> {
  const log = await table("Audit");
  for await (const { rowKey, values } of scan(log, month, { from: sequenceKey(seq + 1), before: `${SEQUENCE}~` })) {
    const number = Number(rowKey.slice(SEQUENCE.length));
    const entry = recent.get(`${month} ${number}`) ?? (await readEntry(log, month, String(values.entry)));
    yield { ...entry, seq: number };
  }
}

/** The number of the newest entry of a month; 0 where there is none. */
export async function newestSeq(month: string): Promise<number> {
  return Number((await (await table("Audit")).get(month, HEAD))?.values.seq ?? 0);
}

async function readEntry(log: Table, month: string, rowKey: string): Promise<StoredEntry> {
  const row = await log.get(month, rowKey);
  if (row === undefined)
    throw new AppError("internal", `The audit entry ${month}/${rowKey} is missing. Run the audit.`);
  return entryOf(row);
}

function sequenceKey(seq: number): string {
  return `${SEQUENCE}${String(seq).padStart(12, "0")}`;
}

/** Entries that this instance has just written, which are asked for soon; they never change. */
const recent = new Map<string, StoredEntry>();
const MOST_RECENT = 200;

function remember(month: string, entry: StoredEntry): void {
  recent.set(`${month} ${entry.link?.seq}`, entry);
  const [oldest] = recent.keys();
  if (recent.size > MOST_RECENT && oldest !== undefined) recent.delete(oldest);
}

function entryOf({ partition, rowKey, values }: Row): StoredEntry {
  const parsed = auditEntrySchema.safeParse(JSON.parse(joinText("body", values) ?? "null"));
  if (!parsed.success) throw new AppError("internal", `The audit entry ${partition}/${rowKey} cannot be read.`);
  const { seq, previous, hash } = values;
  const link = seq === undefined ? undefined : { seq: Number(seq), previous: String(previous), hash: String(hash) };
  return { id: String(values.id), body: parsed.data, link };
}
