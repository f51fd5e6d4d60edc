import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../../../infra/local/azurite.js";
import { tableStore } from "../../../../../infra/local/durable/index.js";
import type { Change, StoredInstance } from "../../../../../infra/local/durable/store.js";
import { PhysicalTable } from "../../../../../infra/local/durable/table-client.js";
import { TablePartition } from "../../../../../infra/local/durable/table-partition.js";
import { escapeKey } from "../../../../../infra/local/durable/table-rows.js";

describe("table store", () => {
  let azurite: Azurite;
  let client: TableClient;
  let partitions = 0;

  beforeAll(async () => {
    azurite = await startAzurite({ tablesOnly: true });
    client = TableClient.fromConnectionString(azurite.connectionString, "Rows", { allowInsecureConnection: true });
    await client.createTable();
  });
  afterAll(() => azurite.stop());

  /** A client whose k-th transaction is lost on the way there, or whose answer is lost on the way back. */
  function failing(k: number, when: "before" | "after"): TableClient {
    let calls = 0;
    return new Proxy(client, {
      get(target, name) {
        if (name !== "submitTransaction") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
        return async (...args: Parameters<TableClient["submitTransaction"]>) => {
          const fatal = calls++ === k;
          if (fatal && when === "before") throw new Error("lost");
          const result = await target.submitTransaction(...args);
          if (fatal) throw new Error("answer lost");
          return result;
        };
      },
    });
  }

  const rows = (prefix: string, count: number, text: string) =>
    Array.from({ length: count }, (_, i) => ({ key: `${prefix}-${String(i).padStart(4, "0")}`, text }));

  const OLD: Change = { head: '"old"', put: rows("a", 130, "x"), drop: [] };
  const NEW: Change = {
    head: '"new"',
    put: [...rows("b", 150, "y"), { key: "big", text: "é😀".repeat(150_000) }],
    drop: OLD.put.map((row) => row.key),
  };
  const shape = (stored: StoredInstance | undefined) => ({
    head: stored?.head,
    keys: stored?.rows.map((row) => row.key[0]).join(""),
    big: stored?.rows.find((row) => row.key === "big")?.text === NEW.put.at(-1)?.text,
  });
  const BEFORE = { head: '"old"', keys: "a".repeat(130), big: false };
  const AFTER = { head: '"new"', keys: `${"b".repeat(150)}b`, big: true };

  it.each(["before", "after"] as const)(
    "a commit of many transactions is all or nothing when one of them fails %s it happened",
    async (when) => {
      const seen = new Set<string | undefined>();
      for (let k = 0; k < 9; k++) {
        const key = `p${partitions++}`;
        await new TablePartition(new PhysicalTable(client), key, "w").commit(OLD);
        const partition = new TablePartition(new PhysicalTable(failing(k, when)), key, "w");
        await partition.load();
        await partition.commit(NEW).catch(() => undefined);
        const reader = new TablePartition(new PhysicalTable(client), key, "w");
        const found = shape(await reader.load());
        expect([BEFORE, AFTER]).toContainEqual(found);
        // What was staged in vain never becomes visible.
        await reader.commit({ head: '"later"', put: [], drop: [] });
        expect({ ...shape(await reader.load()), head: found.head }).toEqual(found);
        seen.add(found.head);
      }
      expect([...seen].sort()).toEqual(['"new"', '"old"']);
    },
  );

  it("a commit that failed can be repeated on the same object, whatever had arrived", async () => {
    for (let k = 0; k < 8; k++) {
      const key = `p${partitions++}`;
      await new TablePartition(new PhysicalTable(client), key, "w").commit(OLD);
      const partition = new TablePartition(new PhysicalTable(failing(k, k % 2 === 0 ? "before" : "after")), key, "w");
      await partition.load();
      const drop = NEW.drop;
      await partition.commit(NEW).catch(() => partition.commit({ head: '"other"', put: rows("c", 2, "z"), drop }));
      const found = await new TablePartition(new PhysicalTable(client), key, "w").load();
      expect(['"new"', '"other"']).toContain(found?.head);
      expect(found?.rows.some((row) => row.key.startsWith("a"))).toBe(false);
      expect(found?.head === '"other"' && found.rows.some((row) => row.key.startsWith("b"))).toBe(false);
    }
  });

  it("a small commit is one transaction, and removals of rows that are gone do no harm", async () => {
    const table = new PhysicalTable(client);
    const partition = new TablePartition(table, `p${partitions++}`, "w");
    await partition.commit({ head: "1", put: rows("a", 3, "x"), drop: [] });
    await partition.commit({ head: "2", put: [], drop: ["a-0000"] });
    expect(table.count).toBe(2);
    await partition.commit({ head: "3", put: [], drop: ["a-0000", "a-0001"] });
    expect(shape(await partition.load())).toMatchObject({ head: "3", keys: "a" });
  });

  it("refuses to write over another host's head", async () => {
    const key = `p${partitions++}`;
    const mine = new TablePartition(new PhysicalTable(client), key, "me");
    const theirs = new TablePartition(new PhysicalTable(client), key, "they");
    await mine.commit({ head: "1", put: [], drop: [] });
    await theirs.load();
    await theirs.commit({ head: "2", put: [], drop: [] });
    await expect(mine.commit({ head: "3", put: [], drop: [] })).rejects.toMatchObject({ code: "conflict" });
  });

  it("gives the lease to one owner only, and its epoch grows", async () => {
    const [a, b] = await Promise.all([1, 2].map(() => tableStore(azurite.connectionString, "Lease")));
    const lease = { owner: "a", machine: "m", pid: 1, beat: 1, epoch: 1 };
    await a?.writeLease(lease, await a.readLease());
    const seen = await b?.readLease();
    expect(seen).toEqual(lease);
    await a?.writeLease({ ...lease, beat: 2 }, lease);
    await expect(b?.writeLease({ ...lease, owner: "b" }, seen)).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps any instance id apart from any other", async () => {
    const ids = ["a", "A", "a~", "a~0041", "a/b", "a#b", "@x@ü é", "a%2Fb", "a b"];
    expect(new Set(ids.map(escapeKey)).size).toBe(ids.length);
    const store = await tableStore(azurite.connectionString, "Ids");
    for (const id of ids) await store.commit(id, { head: JSON.stringify(id), put: [], drop: [] });
    for (const id of ids) expect((await store.load(id))?.head).toBe(JSON.stringify(id));
  });
});
