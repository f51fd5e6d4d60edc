import { z } from "zod";
import type { Actor } from "../access/roles.js";
import { type AppendLog, appendLog, type LogRecord } from "../store/append-log.js";
import { table } from "../store/tables.js";

/** One change: who did what to which thing, why, and on which evidence (design.md §3.12). */
const auditEntrySchema = z.object({
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

/** Adds an entry to the append-only audit log. The same (at, key) twice is one entry. */
export async function audit(record: AuditRecord): Promise<void> {
  const { at, actor, action, target, justification, evidence, key } = record;
  await (await log()).append(monthOf(at), at, `${action} ${key}`, {
    at: new Date(at).toISOString(),
    actor: { id: actor.id, name: actor.name },
    action,
    target,
    ...(justification === undefined ? {} : { justification }),
    ...(evidence === undefined ? {} : { evidence: { ...evidence } }),
  });
}

/** The entries of a month of domain time (`2024-06`), oldest first. */
export async function* auditEntries(month: string): AsyncIterable<LogRecord<AuditEntry>> {
  yield* (await log()).read(month);
}

async function log(): Promise<AppendLog<AuditEntry>> {
  return appendLog(await table("Audit"), auditEntrySchema);
}

function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
