import { randomUUID } from "node:crypto";
import { odata, TableClient } from "@azure/data-tables";
import { AppError } from "../../../shared/errors.js";
import type { DurableStore, IndexRow, LeaseRow } from "./store.js";
import { PhysicalTable } from "./table-client.js";
import { TablePartition } from "./table-partition.js";
import { escapeKey } from "./table-rows.js";

const INDEX = "!index";
const LEASE = "!lease";
const INSTANCE = "i:";

interface IndexEntity {
  readonly id: string;
  readonly open: boolean;
  readonly settled: string;
  readonly purging: boolean;
  readonly name: string;
  readonly status: string;
  readonly created: string;
  readonly updated: string;
}

/**
 * A hub in one table of Azure Tables or Azurite, which is created when it does not exist.
 * @param connectionString of the storage account; http endpoints are allowed
 */
export async function tableStore(connectionString: string, hubName: string): Promise<DurableStore> {
  const name = `${hubName}Durable`;
  const client = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  await client.createTable();
  return new TableStore(client);
}

class TableStore implements DurableStore {
  readonly #table: PhysicalTable;
  readonly #writer = randomUUID();
  readonly #partitions = new Map<string, TablePartition>();
  #leaseEtag: string | undefined;
  #count = 0;

  constructor(private readonly client: TableClient) {
    this.#table = new PhysicalTable(client);
  }

  async index(): Promise<IndexRow[]> {
    this.#count++;
    const rows: IndexRow[] = [];
    const filter = odata`PartitionKey eq ${INDEX}`;
    for await (const row of this.client.listEntities<IndexEntity>({ queryOptions: { filter } })) {
      const { id, open, settled, purging, name, status, created, updated } = row;
      rows.push({ id, open, settled: Number(settled), purging, name, status, created, updated });
    }
    return rows;
  }

  async putIndex(row: IndexRow): Promise<void> {
    this.#count++;
    const entity = { ...row, settled: String(row.settled), purging: row.purging === true };
    await this.client.upsertEntity({ partitionKey: INDEX, rowKey: escapeKey(row.id), ...entity }, "Replace");
  }

  async deleteIndex(id: string): Promise<void> {
    this.#count++;
    await this.client.deleteEntity(INDEX, escapeKey(id)).catch(ignoreMissing);
  }

  load(id: string) {
    return this.#partition(id).load();
  }

  commit(id: string, change: Parameters<DurableStore["commit"]>[1]) {
    return this.#partition(id).commit(change);
  }

  async remove(id: string): Promise<void> {
    await this.#partition(id).remove();
    this.release(id);
  }

  release(id: string): void {
    this.#partitions.delete(id);
  }

  async readLease(): Promise<LeaseRow | undefined> {
    this.#count++;
    try {
      const { lease, etag } = await this.client.getEntity<{ lease: string }>(LEASE, LEASE);
      this.#leaseEtag = etag;
      return JSON.parse(lease) as LeaseRow;
    } catch (error) {
      ignoreMissing(error);
      return undefined;
    }
  }

  async writeLease(next: LeaseRow, previous: LeaseRow | undefined): Promise<void> {
    this.#count++;
    const entity = { partitionKey: LEASE, rowKey: LEASE, lease: JSON.stringify(next) };
    try {
      const written =
        previous === undefined || this.#leaseEtag === undefined
          ? await this.client.createEntity(entity)
          : await this.client.updateEntity(entity, "Replace", { etag: this.#leaseEtag });
      this.#leaseEtag = written.etag;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode !== 409 && statusCode !== 412 && statusCode !== 404) throw error;
      const current = await this.readLease();
      if (current?.owner === next.owner && current.beat === next.beat) return;
      throw new AppError("conflict", "The task hub has another owner now. Stop one of the two hosts.");
    }
  }

  transactions(): number {
    return this.#count + this.#table.count;
  }

  async close(): Promise<void> {}

  #partition(id: string): TablePartition {
    const known = this.#partitions.get(id);
    if (known !== undefined) return known;
    const partition = new TablePartition(this.#table, `${INSTANCE}${escapeKey(id)}`, this.#writer);
    this.#partitions.set(id, partition);
    return partition;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}
