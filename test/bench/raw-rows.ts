import { inParallel } from "../../shared/ledger/collections.js";
import type { Operation, Table } from "../../shared/store/table.js";
import { wall } from "../../shared/wall.js";
import { deviceId } from "./signal-load.js";

const ROWS = 100;

/**
 * How many rows a second the table service itself takes in transactions of 100 rows, `parallel` at a time, each in a
 * partition of its own. Rows are of the ledger's size: a GUID as key, a state and a packed log of three signals.
 */
export async function rawRows(table: Table, transactions: number, parallel: number) {
  const parts = Array.from({ length: transactions }, (_, part) => part);
  const write = (kind: "insert" | "merge") => async (part: number) => {
    await table.commit(`raw|${String(part).padStart(4, "0")}`, operations(kind, part));
  };
  const insert = await seconds(() => inParallel(parallel, parts, write("insert")));
  const merge = await seconds(() => inParallel(parallel, parts, write("merge")));
  return { insert: (transactions * ROWS) / insert, merge: (transactions * ROWS) / merge };
}

function operations(kind: "insert" | "merge", part: number): Operation[] {
  return Array.from({ length: ROWS }, (_, row) => ({ kind, rowKey: deviceId(part, row), values: VALUES }));
}

const VALUES = { state: "open", log: "1.1.0.lxas1s00.2n4g0.,1.2.1.lxasr2g0.1xk00.,1.3.2.lxatgd00.z4s0." };

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = wall.monotonic();
  await work();
  return (wall.monotonic() - begin) / 1000;
}
