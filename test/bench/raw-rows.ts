import { inParallel } from "../../shared/ledger/collections.js";
import type { Operation, Table } from "../../shared/store/table.js";
import { wall } from "../../shared/wall.js";
import { deviceId } from "./signal-load.js";

export const RAW_ROWS = 100;

/**
 * Inserts rows in transactions of 100, `parallel` at a time, each transaction into a partition of its own: the fastest
 * that the table service takes rows. A row has the size of what one device adds: a GUID, a state and a packed log.
 * @returns seconds
 */
export function rawRows(table: Table, first: number, transactions: number, parallel: number): Promise<number> {
  const parts = Array.from({ length: transactions }, (_, part) => first + part);
  return seconds(() =>
    inParallel(parallel, parts, async (part) => {
      await table.commit(`raw|${String(part).padStart(4, "0")}`, operations(part));
    }),
  );
}

function operations(part: number): Operation[] {
  return Array.from({ length: RAW_ROWS }, (_, row) => ({
    kind: "insert",
    rowKey: deviceId(part, row),
    values: VALUES,
  }));
}

const VALUES = { state: "open", log: "1.1.0.lxas1s00.2n4g0.,1.2.1.lxasr2g0.1xk00.,1.3.2.lxatgd00.z4s0." };

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = wall.monotonic();
  await work();
  return (wall.monotonic() - begin) / 1000;
}
