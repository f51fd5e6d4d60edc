import type { DurableEngine } from "./engine.js";
import { Entity } from "./entity.js";
import { EventType, type HistoryEvent } from "./history.js";
import type { Instance } from "./instance.js";
import { isEntityId } from "./messages.js";
import { Orchestration } from "./orchestration.js";
import type { IndexRow } from "./store.js";
import type { RuntimeStatus } from "./types.js";

/** An instance as clients see it. JSON values are text, null when absent. Times are ISO 8601. */
export interface InstanceStatus {
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly input: string | null;
  readonly customStatus: string | null;
  readonly output: string | null;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly history: readonly HistoryEvent[];
}

export interface ListFilter {
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly statuses?: readonly RuntimeStatus[];
  readonly idPrefix?: string;
  readonly top?: number;
  readonly continuationToken?: string;
}

export interface Page {
  readonly instances: readonly InstanceStatus[];
  /** Where to go on; absent on the last page. */
  readonly continuationToken?: string;
}

const PAGE_SIZE = 100;

export function statusOf(instance: Instance): InstanceStatus {
  const { name, created, updated, status } = instance.summary();
  const base = { instanceId: instance.id, createdTime: created, lastUpdatedTime: updated };
  if (instance instanceof Entity) {
    const { state } = instance.state;
    const nothing = { customStatus: null, output: null, history: [] };
    return { ...base, name, runtimeStatus: "Running", input: state, ...nothing };
  }
  const history = instance instanceof Orchestration ? instance.historyEvents() : [];
  const state = instance instanceof Orchestration ? instance.state : undefined;
  const started = history.find((event) => event.EventType === EventType.executionStarted);
  // A rewind was acknowledged: whoever asks next must not see the old failure again.
  const rewinding = status === "Failed" && instance.inbox.some(({ message }) => message.kind === "rewind");
  return {
    ...base,
    name,
    runtimeStatus: rewinding ? "Running" : (status as RuntimeStatus),
    input: state?.start?.input ?? started?.Input ?? null,
    customStatus: state?.customStatus ?? null,
    output: rewinding ? null : (state?.output ?? null),
    history,
  };
}

/** One page of orchestrations, ordered by creation and id. The index decides who is on it; only those are read. */
export async function listPage(engine: DurableEngine, filter: ListFilter): Promise<Page> {
  const after = filter.continuationToken === undefined ? "" : decode(filter.continuationToken);
  const rows = engine.registry
    .rows()
    .filter((row) => matches(row, filter) && position(row) > after)
    .sort((a, b) => (position(a) < position(b) ? -1 : 1));
  const size = Math.max(1, filter.top ?? PAGE_SIZE);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const read = await Promise.all(page.map((row) => engine.registry.get(row.id)));
  const found = read.filter((instance) => instance !== undefined);
  const instances = found.map(statusOf);
  for (const instance of found) engine.settle(instance);
  const more = last !== undefined && rows.length > size;
  return { instances, ...(more ? { continuationToken: encode(position(last)) } : {}) };
}

function matches(row: IndexRow, filter: ListFilter): boolean {
  if (isEntityId(row.id) || !row.id.startsWith(filter.idPrefix ?? "")) return false;
  if (filter.createdFrom !== undefined && row.created < filter.createdFrom) return false;
  if (filter.createdTo !== undefined && row.created > filter.createdTo) return false;
  return !filter.statuses?.length || filter.statuses.includes(row.status as RuntimeStatus);
}

const position = (row: IndexRow): string => `${row.created}|${row.id}`;
const encode = (text: string): string => Buffer.from(text).toString("base64url");
const decode = (token: string): string => Buffer.from(token, "base64url").toString();
