import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { listens, startAzurite } from "../../../../infra/local/azurite.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "azurite-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const table = (connection: string) =>
  TableClient.fromConnectionString(connection, "rows", { allowInsecureConnection: true });

test("a directory keeps the data over a stop, and the process is gone after it", async () => {
  const first = await startAzurite({ dir });
  onTestFinished(() => first.stop());
  await table(first.connectionString).createTable();
  await table(first.connectionString).createEntity({ partitionKey: "p", rowKey: "r" });
  await first.stop();
  expect(await listens(first.ports.table)).toBe(false);
  const second = await startAzurite({ dir });
  onTestFinished(() => second.stop());
  const row = await table(second.connectionString).getEntity("p", "r");
  expect(row.rowKey).toBe("r");
});

test("one that still serves the directory is adopted, never doubled", async () => {
  const first = await startAzurite({ dir });
  onTestFinished(() => first.stop());
  const again = await startAzurite({ dir });
  expect(again.pid).toBe(first.pid);
  expect(again.connectionString).toBe(first.connectionString);
  await again.stop();
  expect(await listens(first.ports.table)).toBe(false);
});
