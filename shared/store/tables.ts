import { TableClient, type TableServiceClientOptions } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { azureTable } from "./azure-table.js";
import { storageError } from "./errors.js";
import type { Table } from "./table.js";

const opened = new Map<string, Promise<TableClient>>();

/**
 * The client of a table in the app's storage account; creates the table when it is missing and keeps the client.
 * @param name 3–63 letters and digits, first a letter
 * @throws AppError `invalid_input` when no storage account is configured
 */
export function openTable(name: string): Promise<TableClient> {
  const known = opened.get(name);
  if (known) return known;
  const client = create(name);
  opened.set(name, client);
  client.catch(() => opened.delete(name));
  return client;
}

/** The same table behind the small port of table.ts, which tests can fake. */
export async function table(name: string): Promise<Table> {
  return azureTable(await openTable(name));
}

async function create(name: string): Promise<TableClient> {
  const client = connect(name);
  try {
    await client.createTable();
  } catch (cause) {
    throw storageError(cause, `Creating table ${name}`);
  }
  return client;
}

function connect(name: string): TableClient {
  const { AzureWebJobsStorage: connection, AzureWebJobsStorage__accountName: account } = config();
  if (connection !== undefined) return connectWith(connection, name);
  if (account !== undefined) {
    return new TableClient(`https://${account}.table.core.windows.net`, name, new DefaultAzureCredential(), OPTIONS);
  }
  throw new AppError(
    "invalid_input",
    "No storage account is configured. Set AzureWebJobsStorage or AzureWebJobsStorage__accountName and restart.",
    { field: "AzureWebJobsStorage" },
  );
}

/** Short retries only: callers back off with durable timers or give the message back. */
const OPTIONS: TableServiceClientOptions = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 1000 },
};

/** A client from a connection string; plain http (the local emulator) is allowed only where the string says so. */
export function connectWith(connectionString: string, name: string): TableClient {
  const insecure = /UseDevelopmentStorage=true|(^|;)(DefaultEndpointsProtocol=http|TableEndpoint=http:)(;|\/|$)/i;
  return TableClient.fromConnectionString(connectionString, name, {
    ...OPTIONS,
    allowInsecureConnection: insecure.test(connectionString),
  });
}
