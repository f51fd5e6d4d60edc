import type { TableClient } from "@azure/data-tables";
import { AppError } from "../errors.js";
import { azureTable } from "./azure-table.js";
import { storageError } from "./errors.js";
import { type Operation, transactions } from "./table.js";
import { openTable } from "./tables.js";

/**
 * Deletes every row of a table, partition by partition; the table itself stays, for a deleted one cannot be made again
 * for a while. May be repeated, also after a crash half-way.
 */
export async function emptyTable(name: string): Promise<void> {
  const client = await openTable(name);
  const rows = azureTable(client);
  for await (const [partition, rowKeys] of partitions(client)) {
    const deletions = rowKeys.map((rowKey): Operation => ({ kind: "delete", rowKey }));
    for (const part of transactions(deletions)) {
      try {
        await rows.commit(partition, part);
      } catch (error) {
        // Somebody else deletes the same rows. What is left goes with the next run.
        if (!(error instanceof AppError && error.code === "not_found")) throw error;
      }
    }
  }
}

/** Row keys by partition; a large partition comes in pieces. */
async function* partitions(client: TableClient): AsyncGenerator<[partition: string, rowKeys: string[]]> {
  const pages = client.listEntities({ queryOptions: { select: ["PartitionKey", "RowKey"] } }).byPage();
  try {
    for await (const page of pages) {
      const keys = new Map<string, string[]>();
      for (const { partitionKey = "", rowKey = "" } of page) {
        const known = keys.get(partitionKey);
        if (known === undefined) keys.set(partitionKey, [rowKey]);
        else known.push(rowKey);
      }
      yield* keys;
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : storageError(cause, `Listing table ${client.tableName}`);
  }
}
