import { createHash } from "node:crypto";
import { TableClient, TableServiceClient } from "@azure/data-tables";

/** A digest of everything in a storage account's tables but those named. */
export async function digestOfTables(connectionString: string, except: readonly string[]): Promise<string> {
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString, options);
  const names: string[] = [];
  for await (const { name = "" } of service.listTables()) if (!except.includes(name)) names.push(name);
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const rows: string[] = [];
    const table = TableClient.fromConnectionString(connectionString, name, options);
    for await (const row of table.listEntities()) rows.push(JSON.stringify(Object.entries(row).sort()));
    hash.update(`${name}\n${rows.sort().join("\n")}\n`);
  }
  return hash.digest("hex");
}
