import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Store } from "../../../../../infra/local/tenant/state/store.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (file: string) => new Store({ file, now: () => 0, readDelayMs: () => 0 });
const id = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), id, value: fc.integer() }),
  fc.record({ kind: fc.constant("delete" as const), id }),
  fc.record({ kind: fc.constant("add" as const), id, member: id }),
  fc.record({ kind: fc.constant("remove" as const), id, member: id }),
);

describe("store", () => {
  it("reads back what any sequence of changes has left", () => {
    let run = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const file = join(dir, `${run++}.jsonl`);
        const store = open(file);
        const table = store.table<{ id: string; value: number }>("rows");
        const relation = store.relation("members");
        for (const each of steps) {
          if (each.kind === "set") table.set({ id: each.id, value: each.value });
          else if (each.kind === "delete") table.delete(each.id);
          else if (each.kind === "add") relation.add(each.id, [each.member]);
          else relation.remove(each.id, [each.member]);
        }
        const copy = open(file);
        expect(copy.table("rows").all()).toEqual(table.all());
        expect([...copy.relation("members").entries()]).toEqual([...relation.entries()]);
        store.close();
        copy.close();
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it("rewrites a journal that has grown far beyond what it describes, and loses nothing", () => {
    const file = join(dir, "large.jsonl");
    const store = open(file);
    const table = store.table<{ id: string; value: number }>("rows");
    for (let round = 0; round < 60; round++) {
      store.atomically(() => {
        for (let nth = 0; nth < 1000; nth++) table.set({ id: `${nth}`, value: round });
      });
    }
    const copy = open(file);
    expect(copy.table<{ id: string; value: number }>("rows").all()).toEqual(table.all());
    store.close();
    copy.close();
  });

  it("shows readers the state before a write while the delay lasts", () => {
    let now = 0;
    const store = new Store({ now: () => now, readDelayMs: () => 10 });
    const table = store.table<{ id: string; value: number }>("rows");
    table.set({ id: "a", value: 1 });
    now = 10;
    table.set({ id: "a", value: 2 });
    expect([table.get("a")?.value, table.visible("a")?.value]).toEqual([2, 1]);
    now = 20;
    expect(table.visible("a")?.value).toBe(2);
  });
});
