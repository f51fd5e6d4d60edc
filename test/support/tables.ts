import { createHash } from "node:crypto";
import { TableClient, TableServiceClient } from "@azure/data-tables";

/** A digest of everything in a storage account's tables but those named, table by table. */
export async function digestOfTables(
  connectionString: string,
  except: readonly string[],
): Promise<Record<string, string>> {
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString, options);
  const names: string[] = [];
  for await (const { name = "" } of service.listTables()) if (!except.includes(name)) names.push(name);
  const digests: Record<string, string> = {};
  for (const name of names.sort()) {
    const rows: string[] = [];
    const table = TableClient.fromConnectionString(connectionString, name, options);
    for await (const row of table.listEntities()) rows.push(JSON.stringify(Object.entries(row).sort()));
    // A table that was made and stayed empty is no change.
    if (rows.length > 0) digests[name] = createHash("sha256").update(rows.sort().join("\n")).digest("hex");
  }
  return digests;
}
