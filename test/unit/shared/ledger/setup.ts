import { Ledger } from "../../../../shared/ledger/index.js";
import type { RawSignal } from "../../../../shared/signals/intake.js";
import type { SignalKind } from "../../../../shared/signals/signal.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Table } from "../../../../shared/store/table.js";

export const RELEASE = "2024.06 B contoso";
const KB = "KB5039212";
export const BUILD = "10.0.22631.3737";
export const START = Date.parse("2024-06-11T17:00:00Z");
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const at = (ms: number): string => new Date(ms).toISOString();

export const deviceId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
export const objectId = (n: number): string => `object-${n}`;

export interface SignalOptions {
  readonly attempt?: number;
  readonly sequence?: number;
  readonly time?: number;
  readonly errorCode?: string;
  readonly kb?: string;
  readonly enqueuedAt?: number;
}

/** A message as the queue delivers it. */
export function signal(device: number, kind: SignalKind, options: SignalOptions = {}): RawSignal {
  const { attempt = 1, sequence = 1, time = START + HOUR, errorCode, kb = KB, enqueuedAt } = options;
  const body = JSON.stringify({
    specversion: "1.0",
    id: `${deviceId(device)}:${kb}:${attempt}:${sequence}`,
    source: `/devices/${deviceId(device)}`,
    type: `ringmaster.update.${kind}`,
    time: at(time),
    data: { deviceId: deviceId(device), kb, build: BUILD, attempt, sequence, ...(errorCode ? { errorCode } : {}) },
  });
  return enqueuedAt === undefined ? { body } : { body, enqueuedAt };
}

export interface Setup {
  readonly ledger: Ledger;
  readonly devices: MemoryTable;
  readonly summaries: MemoryTable;
}

/** A ledger in memory with `count` devices in ring "Test", or in the ring that `ringOf` says. */
export async function memoryLedger(count: number, ringOf: (n: number) => string = () => "Test"): Promise<Setup> {
  const [devices, summaries] = [new MemoryTable(), new MemoryTable()];
  const ledger = new Ledger(devices, summaries);
  await enrol(ledger, count, ringOf);
  return { ledger, devices, summaries };
}

export async function enrol(ledger: Ledger, count: number, ringOf: (n: number) => string = () => "Test") {
  const numbers = Array.from({ length: count }, (_, n) => n);
  await ledger.registerUpdate(RELEASE, { revisions: [{ kb: KB, build: BUILD }], startedAt: at(START) });
  await ledger.enrolDevices(
    RELEASE,
    numbers.map((n) => ({
      deviceId: deviceId(n),
      objectId: objectId(n),
      ring: ringOf(n),
      attributes: { parity: n % 2 ? "odd" : "even" },
    })),
  );
}

/** Device rows and summary, as plain data. */
export async function readAll(ledger: Ledger) {
  const rows = [];
  for await (const row of ledger.rows(RELEASE)) rows.push(row);
  return { rows, summary: await ledger.summary(RELEASE) };
}

/** A table whose calls fail when `fail` says so, before or after they were carried out. */
export function faulty(table: Table, fail: (call: "get" | "page" | "commit", when: "before" | "after") => void): Table {
  const guard = async <T>(call: "get" | "page" | "commit", work: () => Promise<T>): Promise<T> => {
    fail(call, "before");
    const result = await work();
    fail(call, "after");
    return result;
  };
  return {
    get: (partition, rowKey) => guard("get", () => table.get(partition, rowKey)),
    page: (partition, options) => guard("page", () => table.page(partition, options)),
    commit: (partition, operations) => guard("commit", () => table.commit(partition, operations)),
  };
}
