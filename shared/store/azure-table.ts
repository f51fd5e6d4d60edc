import { odata, type TableClient, type TransactionAction } from "@azure/data-tables";
import { storageError } from "./errors.js";
import type { Operation, Page, PageOptions, Row, Table, Value, Values } from "./table.js";

/** The port of table.ts on Azure Tables (and Azurite). */
export function azureTable(client: TableClient): Table {
  return {
    get: (partition, rowKey) => get(client, partition, rowKey),
    page: (partition, options) => page(client, partition, options ?? {}),
    commit: (partition, operations) => commit(client, partition, operations),
  };
}

async function get(client: TableClient, partition: string, rowKey: string): Promise<Row | undefined> {
  try {
    return toRow(await client.getEntity(partition, rowKey));
  } catch (cause) {
    const error = storageError(cause, `Reading ${rowKey} from table ${client.tableName}`);
    if (error.code === "not_found") return undefined;
    throw error;
  }
}

async function page(client: TableClient, partition: string, options: PageOptions): Promise<Page> {
  const queryOptions = {
    filter: filter(partition, options),
    ...(options.select ? { select: ["PartitionKey", "RowKey", ...options.select] } : {}),
  };
  const pages = client.listEntities({ queryOptions }).byPage({
    maxPageSize: options.size ?? 1000,
    ...(options.token === undefined ? {} : { continuationToken: options.token }),
  });
  try {
    const { value: entities } = await pages.next();
    const rows = ((entities ?? []) as Record<string, unknown>[]).map(toRow);
    const token = (entities as { continuationToken?: string } | undefined)?.continuationToken;
    return token === undefined ? { rows } : { rows, token };
  } catch (cause) {
    throw storageError(cause, `Querying table ${client.tableName}`);
  }
}

function filter(partition: string, { from, before, where }: PageOptions): string {
  const parts = [odata`PartitionKey eq ${partition}`];
  if (from !== undefined) parts.push(odata`RowKey ge ${from}`);
  if (before !== undefined) parts.push(odata`RowKey lt ${before}`);
  if (where !== undefined) parts.push(`(${where})`);
  return parts.join(" and ");
}

async function commit(
  client: TableClient,
  partition: string,
  operations: readonly Operation[],
): Promise<readonly string[]> {
  const [first] = operations;
  if (first === undefined) return [];
  try {
    if (operations.length === 1) return [etagOf(await single(client, partition, first))];
    const response = await client.submitTransaction(operations.map((operation) => action(partition, operation)));
    return response.subResponses.map((part) => part.etag?.trim() ?? "");
  } catch (cause) {
    throw storageError(cause, `Writing ${operations.length} rows to table ${client.tableName}`);
  }
}

function single(client: TableClient, partition: string, operation: Operation): Promise<object> {
  const row = { ...("values" in operation ? operation.values : {}), partitionKey: partition, rowKey: operation.rowKey };
  switch (operation.kind) {
    case "insert":
      return client.createEntity(row);
    case "upsert":
      return client.upsertEntity(row, "Replace");
    case "delete":
      return client.deleteEntity(partition, operation.rowKey, { etag: operation.etag ?? "*" });
    default:
      return client.updateEntity(row, MODE[operation.kind], { etag: operation.etag ?? "*" });
  }
}

const etagOf = (headers: object): string => ("etag" in headers ? String(headers.etag) : "");

const MODE = { merge: "Merge", replace: "Replace" } as const;

function action(partition: string, operation: Operation): TransactionAction {
  const keys = { partitionKey: partition, rowKey: operation.rowKey };
  switch (operation.kind) {
    case "insert":
      return ["create", { ...operation.values, ...keys }];
    case "upsert":
      return ["upsert", { ...operation.values, ...keys }, "Replace"];
    case "delete":
      // The SDK cannot make a deletion inside a transaction conditional; other rows of it carry the condition.
      return ["delete", keys];
    default:
      return ["update", { ...operation.values, ...keys }, MODE[operation.kind], { etag: operation.etag ?? "*" }];
  }
}

/** Drops what Azure adds: keys, timestamp, `odata.*`, and the nulls that $select returns for missing properties. */
function toRow(entity: Record<string, unknown>): Row {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (name === "etag" || name === "partitionKey" || name === "rowKey" || name === "timestamp") continue;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") values[name] = value;
  }
  delete values["odata.metadata"];
  return {
    partition: String(entity.partitionKey),
    rowKey: String(entity.rowKey),
    etag: String(entity.etag ?? ""),
    values: values satisfies Values,
  };
}
