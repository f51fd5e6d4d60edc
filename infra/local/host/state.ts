import { createHash } from "node:crypto";
import { RestError, TableClient, type TransactionAction } from "@azure/data-tables";
import { WriteBehind } from "./write-behind.js";

/** What is remembered of a timer between runs of the host; instants in ms. */
export interface TimerStatus {
  /** The last run; undefined when it has never run. */
  readonly last?: number;
  readonly next: number;
  readonly updated: number;
}

export interface TimerStatusStore {
  read(functionName: string): Promise<TimerStatus | undefined>;
  write(functionName: string, status: TimerStatus): Promise<void>;
}

/** What the host itself keeps from one start to the next. */
export interface HostState {
  readonly timers: TimerStatusStore;
  /** How often a host has started on this state before. */
  readonly earlierStarts: number;
  /** Writes what has not been written yet. */
  flush(): Promise<void>;
}

/** The id of an app's host: the setting `AzureFunctionsWebHost__hostId`, else derived from where the app is. */
export function hostIdOf(app: string, env: NodeJS.ProcessEnv): string {
  return env.AzureFunctionsWebHost__hostId ?? createHash("sha256").update(app).digest("hex").slice(0, 32);
}

export function memoryState(): HostState {
  const rows = new Map<string, TimerStatus>();
  const timers: TimerStatusStore = {
    read: async (name) => rows.get(name),
    write: async (name, status) => {
      rows.set(name, status);
    },
  };
  return { timers, earlierStarts: 0, flush: async () => undefined };
}

interface TimerRow {
  last: string;
  next: string;
  updated: string;
}

/** State in the table `HostTimers`: the host's partition holds one row per timer function and one that counts starts. */
export async function tableState(connectionString: string, hostId: string): Promise<HostState> {
  const table = TableClient.fromConnectionString(connectionString, "HostTimers", { allowInsecureConnection: true });
  await table.createTable();
  const find = async <T extends object>(rowKey: string): Promise<T | undefined> => {
    try {
      return await table.getEntity<T>(hostId, rowKey);
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return undefined;
      throw error;
    }
  };
  const put = async (rowKey: string, row: object): Promise<void> => {
    await table.upsertEntity({ ...row, partitionKey: hostId, rowKey }, "Replace");
  };
  const earlierStarts = (await find<{ starts: number }>(STARTS))?.starts ?? 0;
  await put(STARTS, { starts: earlierStarts + 1 });
  const statuses = new WriteBehind<TimerStatus>(async (changed) => {
    const rows = [...changed].map(([name, status]) => ({ ...toRow(status), rowKey: encodeURIComponent(name) }));
    const upserts = rows.map((row): TransactionAction => ["upsert", { ...row, partitionKey: hostId }, "Replace"]);
    for (let at = 0; at < upserts.length; at += MOST_ROWS)
      await table.submitTransaction(upserts.slice(at, at + MOST_ROWS));
  });
  const timers: TimerStatusStore = {
    read: async (name) => fromRow(await find<TimerRow>(encodeURIComponent(name))),
    write: (name, status) => statuses.put(name, status),
  };
  return { timers, earlierStarts, flush: () => statuses.flush() };
}

/** Rows that one transaction may hold. */
const MOST_ROWS = 100;
/** No function can have this name. */
const STARTS = "$starts";

function toRow({ last, next, updated }: TimerStatus): TimerRow {
  const iso = (instant: number) => new Date(instant).toISOString();
  return { last: last === undefined ? "" : iso(last), next: iso(next), updated: iso(updated) };
}

function fromRow(row: TimerRow | undefined): TimerStatus | undefined {
  if (row === undefined) return undefined;
  const status = { next: Date.parse(row.next), updated: Date.parse(row.updated) };
  return row.last === "" ? status : { ...status, last: Date.parse(row.last) };
}
