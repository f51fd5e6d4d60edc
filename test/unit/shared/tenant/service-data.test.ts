import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { KEPT_TABLES, SERVICE_TABLES } from "../../../../shared/tenant/service-data.js";

const shared = fileURLToPath(new URL("../../../../shared", import.meta.url));

it("every table of the app is either deleted when the tenant leaves, or meant to stay", () => {
  const files = readdirSync(shared, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const named = files.flatMap((file) => [...readFileSync(join(shared, file), "utf8").matchAll(/\btable\("(\w+)"\)/g)]);
  const used = [...new Set(named.map(([, name]) => name))].sort();
  expect(used).toEqual([...SERVICE_TABLES, ...KEPT_TABLES].sort());
});
