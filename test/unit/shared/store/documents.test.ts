import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { appendLog } from "../../../../shared/store/append-log.js";
import { documents } from "../../../../shared/store/documents.js";
import { storageError } from "../../../../shared/store/errors.js";
import { joinText, splitText } from "../../../../shared/store/long-text.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { type Operation, safeKey, transactions } from "../../../../shared/store/table.js";

const schema = z.object({ name: z.string() });
const store = () => documents(new MemoryTable(), schema);

describe("documents", () => {
  it("returns what was put, under any id", async () => {
    const docs = store();
    await docs.put("a/b", "x#?\\ü", { name: "one" });
    expect(await docs.get("a/b", "x#?\\ü")).toMatchObject({ partition: "a/b", id: "x#?\\ü", body: { name: "one" } });
  });

  it("refuses to write over a version that is not the newest", async () => {
    const docs = store();
    const first = await docs.put("p", "x", { name: "one" });
    await docs.put("p", "x", { name: "two" }, first);
    await expect(docs.put("p", "x", { name: "three" }, first)).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses to insert an id twice", async () => {
    const docs = store();
    await docs.insert("p", "x", { name: "one" });
    await expect(docs.insert("p", "x", { name: "two" })).rejects.toMatchObject({ code: "conflict" });
  });

  it("takes the deletion of a missing document for success", async () => {
    const docs = store();
    await docs.put("p", "x", { name: "one" });
    await docs.delete("p", "x");
    await docs.delete("p", "x");
    expect(await docs.get("p", "x")).toBeUndefined();
  });

  it("lists page by page and by prefix", async () => {
    const docs = store();
    for (const id of ["a1", "a2", "a3", "b1"]) await docs.put("p", id, { name: id });
    const first = await docs.list("p", { prefix: "a", size: 2 });
    const rest = await docs.list("p", { prefix: "a", size: 2, token: first.token });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(["a1", "a2", "a3"]);
    expect(rest.token).toBeUndefined();
  });

  it("names row and field of a stored body that is not valid", async () => {
    const table = new MemoryTable();
    await documents(table, z.object({ name: z.number() })).put("p", "x", { name: 1 });
    await expect(documents(table, schema).get("p", "x")).rejects.toThrow(/p\/x.*name/);
  });
});

describe("append-only log", () => {
  it("keeps records in the order of time and adds a record only once", async () => {
    const log = appendLog(new MemoryTable(), schema);
    await log.append("s", 2000, "b", { name: "second" });
    await log.append("s", 900, "a", { name: "first" });
    await log.append("s", 2000, "b", { name: "again" });
    const names = async (range?: { from?: number; until?: number }) => {
      const found = [];
      for await (const { body } of log.read("s", range)) found.push(body.name);
      return found;
    };
    expect(await names()).toEqual(["first", "second"]);
    expect(await names({ from: 1000 })).toEqual(["second"]);
    expect(await names({ until: 2000 })).toEqual(["first"]);
  });
});

describe("limits of a table", () => {
  it("splits long text into properties of at most 32,000 units and joins it again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (length) => {
        const values = splitText("body", "ü".repeat(length));
        expect(Object.values(values).every((part) => String(part).length <= 32_000)).toBe(true);
        expect(joinText("body", values)).toBe("ü".repeat(length));
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it("puts at most 100 rows and 4 MB into a transaction, in order", () => {
    const operation = (n: number, size: number): Operation => ({
      kind: "insert",
      rowKey: String(n),
      values: { text: "x".repeat(size) },
    });
    const small = Array.from({ length: 250 }, (_, n) => operation(n, 10));
    expect(transactions(small, 1).map((part) => part.length)).toEqual([99, 99, 52]);
    expect(transactions(small, 1).flat()).toEqual(small);
    const large = Array.from({ length: 10 }, (_, n) => operation(n, 400_000));
    expect(Math.max(...transactions(large).map((part) => part.length))).toBeLessThan(4);
  });

  it("makes keys of any text without mixing two of them up", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(safeKey(a)).toMatch(/^[A-Za-z0-9 ._@:~-]*$/);
        expect(safeKey(a) === safeKey(b)).toBe(a === b);
      }),
      { seed: 1 },
    );
  });

  it.each([
    [409, "conflict", false],
    [412, "conflict", false],
    [404, "not_found", false],
    [503, "throttled", true],
    [500, "unavailable", true],
  ])("turns status %i into %s", (statusCode, code, retryable) => {
    expect(storageError({ statusCode }, "Writing")).toMatchObject({ code, retryable });
  });

  it("takes a broken connection for unavailable", () => {
    expect(storageError({ code: "ECONNRESET" }, "Writing")).toMatchObject({ code: "unavailable", retryable: true });
  });
});
