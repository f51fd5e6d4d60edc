import { SignalKind } from "../signals/signal.js";

/**
 * A device's own signals about one release: a join-semilattice. Entries are identified by everything the device said;
 * receiving the same one again keeps the earlier receipt. Only the 40 greatest are kept, so joining is commutative,
 * associative and idempotent: whatever the order and number of deliveries, the log is the same.
 */
export interface LogEntry {
  readonly attempt: number;
  readonly sequence: number;
  readonly kind: SignalKind;
  /** When it happened on the device, domain time, ms. */
  readonly at: number;
  /** When the service received it first, domain time, ms. */
  readonly receivedAt: number;
  /** Windows error code of a failure, e.g. `0x800f0922`. */
  readonly errorCode?: string;
}

const MAX_LOG_ENTRIES = 40;

/** Order of codes in packed logs: append only. */
const KINDS: readonly SignalKind[] = [
  SignalKind.offered,
  SignalKind.downloading,
  SignalKind.installStarted,
  SignalKind.restartPending,
  SignalKind.safeguardBlocked,
  SignalKind.installed,
  SignalKind.failed,
  SignalKind.rolledBack,
];

/** By attempt and sequence; the rest only breaks ties of devices that use a number twice. */
function compareEntries(a: LogEntry, b: LogEntry): number {
  return (
    a.attempt - b.attempt ||
    a.sequence - b.sequence ||
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    a.at - b.at ||
    compareText(a.errorCode ?? "", b.errorCode ?? "")
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The log with one more entry; the very same array when it says nothing new. */
export function joinEntry(log: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  let place = log.length;
  while (place > 0) {
    const other = log[place - 1];
    const order = other === undefined ? 1 : compareEntries(entry, other);
    if (order > 0) break;
    place--;
    if (order === 0) {
      return other !== undefined && entry.receivedAt < other.receivedAt ? log.with(place, entry) : log;
    }
  }
  if (place === 0 && log.length >= MAX_LOG_ENTRIES) return log;
  return log.toSpliced(place, 0, entry).slice(-MAX_LOG_ENTRIES);
}

/** One short string, e.g. `1.3.5.lx2k0g00.0.` per entry: the row stays small and costs nothing to carry unread. */
export function packLog(log: readonly LogEntry[]): string {
  return log.map(packEntry).join(",");
}

function packEntry(entry: LogEntry): string {
  const { attempt, sequence, kind, at, receivedAt, errorCode } = entry;
  const times = `${at.toString(36)}.${(receivedAt - at).toString(36)}`;
  return `${attempt.toString(36)}.${sequence.toString(36)}.${KINDS.indexOf(kind)}.${times}.${errorCode?.slice(2) ?? ""}`;
}

/** Reads what packLog wrote. */
export function unpackLog(packed: string): LogEntry[] {
  return packed === "" ? [] : packed.split(",").map(unpackEntry);
}

function unpackEntry(packed: string): LogEntry {
  const [attempt = "", sequence = "", kind = "", at = "", delay = "", error = ""] = packed.split(".");
  const happened = Number.parseInt(at, 36);
  return {
    attempt: Number.parseInt(attempt, 36),
    sequence: Number.parseInt(sequence, 36),
    kind: KINDS[Number(kind)] ?? SignalKind.offered,
    at: happened,
    receivedAt: happened + Number.parseInt(delay, 36),
    ...(error === "" ? {} : { errorCode: `0x${error}` }),
  };
}
