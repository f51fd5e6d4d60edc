import { joinText, splitText } from "../store/long-text.js";
import type { Row, Value, Values } from "../store/table.js";
import { type LogEntry, packLog, unpackLog } from "./log.js";
import { type LedgerRow, NO_WAVE, outcome, stateOf } from "./row.js";
import type { LedgerState } from "./state.js";

/** Attributes of a device for cohorts and ordering, e.g. `{ model: "Latitude 5440", gpuDriver: "31.0.101.5333" }`. */
export type Attributes = Readonly<Record<string, string>>;

/** Everything the ledger knows about one device of a release. */
export interface DeviceRow {
  readonly deviceId: string;
  readonly objectId: string;
  readonly ring: string;
  readonly state: LedgerState;
  /** Absent until offered. */
  readonly wave?: number;
  readonly offeredAt?: string;
  readonly holds: readonly string[];
  /** Latest attempt, 0 before the first signal. */
  readonly attempt: number;
  readonly startedAt?: string;
  readonly reportedAt?: string;
  /** Windows error code of the latest signal. */
  readonly errorCode?: string;
  /** Latest time the device itself has named. */
  readonly lastSeenAt?: string;
  readonly attributes: Attributes;
  readonly log: readonly LogEntry[];
}

/** What folding needs of a device; attributes and object id stay in the table. */
export const ROW_PROPERTIES: readonly (keyof LedgerRow)[] = ["ring", "wave", "offeredAt", "holds", "log"];

export function fromValues(values: Values): LedgerRow {
  return {
    ring: String(values.ring ?? ""),
    wave: Number(values.wave ?? NO_WAVE),
    offeredAt: String(values.offeredAt ?? ""),
    holds: values.holds === undefined || values.holds === "" ? NO_HOLDS : JSON.parse(String(values.holds)),
    log: String(values.log ?? ""),
  };
}

const NO_HOLDS: readonly string[] = [];

/** The properties named, and the state, which is stored so that failures can be queried. */
export function toValues(row: LedgerRow, names: readonly (keyof LedgerRow)[], log = unpackLog(row.log)): Values {
  const values: Record<string, Value> = { state: stateOf(row, log.at(-1)) };
  for (const name of names) {
    values[name] = name === "holds" ? (row.holds.length === 0 ? "" : JSON.stringify(row.holds)) : row[name];
  }
  return values;
}

/** A device that has just been enrolled. */
export function newRow(ring: string): LedgerRow {
  return { ring, wave: NO_WAVE, offeredAt: "", holds: NO_HOLDS, log: packLog([]) };
}

export function enrolledValues(row: LedgerRow, objectId: string, attributes: Attributes): Values {
  return { ...toValues(row, ROW_PROPERTIES), objectId, ...splitText("attributes", JSON.stringify(attributes)) };
}

export function attributesOf(values: Values): Attributes {
  return JSON.parse(joinText("attributes", values) ?? "{}");
}

/** The public view of a stored row. */
export function deviceRow({ rowKey, values }: Row): DeviceRow {
  const row = fromValues(values);
  const log = unpackLog(row.log);
  const { latest, startedAt, reportedAt } = outcome(log);
  return {
    deviceId: rowKey,
    objectId: String(values.objectId ?? ""),
    ring: row.ring,
    state: stateOf(row, latest),
    ...(row.wave !== NO_WAVE ? { wave: row.wave, offeredAt: row.offeredAt } : {}),
    holds: row.holds,
    attempt: latest?.attempt ?? 0,
    ...(startedAt === undefined ? {} : { startedAt: iso(startedAt) }),
    ...(reportedAt === undefined ? {} : { reportedAt: iso(reportedAt) }),
    ...(latest?.errorCode === undefined ? {} : { errorCode: latest.errorCode }),
    ...(latest === undefined ? {} : { lastSeenAt: iso(Math.max(...log.map((entry) => entry.at))) }),
    attributes: attributesOf(values),
    log,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
