import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import type { StoredGroup } from "../../../../shared/groups/store.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Table } from "../../../../shared/store/table.js";
import { definitionOf } from "./estate.js";

const HOUR = 3_600_000;
let now = Date.parse("2026-11-21T00:10:00Z");
let storage = 0;
let table: Table;
vi.mock("../../../../shared/clock.js", () => ({ clock: { now: () => now } }));
vi.mock("../../../../shared/store/tables.js", () => ({
  table: async () => ({
    get: (...args: Parameters<Table["get"]>) => counted(() => table.get(...args)),
    page: (...args: Parameters<Table["page"]>) => counted(() => table.page(...args)),
    commit: (...args: Parameters<Table["commit"]>) => counted(() => table.commit(...args)),
  }),
}));

function counted<T>(work: () => T): T {
  storage++;
  return work();
}

/** Graph's delta queries: every link tells what changed since it was given; those of `expired` are gone. */
class Directory {
  readonly calls: string[] = [];
  readonly expired = new Set<string>();
  #changes: string[] = [];

  change(...ids: string[]): void {
    this.#changes.push(...ids);
  }

  readonly graph = {
    get: async (path: string) => {
      this.calls.push(path);
      const here = `link ${this.#changes.length}`;
      if (path === "/groups/delta") return { value: [], "@odata.deltaLink": here };
      if (this.expired.has(path)) {
        // The class of the modules loaded last, which are those under test.
        const { AppError } = await import("../../../../shared/errors.js");
        throw new AppError("gone", "too old");
      }
      const value = this.#changes.slice(Number(path.split(" ")[1])).map((id) => ({ id }));
      return { value, "@odata.deltaLink": here };
    },
  } as unknown as Graph;
}

const sources = new Map([
  ["p1", { devices: [], nested: ["n1"] }],
  ["t1", { devices: [], nested: [] }],
]);
function group(id: string, pool: string, ring: string): StoredGroup {
  const definition = definitionOf(id, { assigned: { Test: "t1" }, dynamic: { Ring1: 100 }, pool: [pool] });
  return {
    id,
    definition,
    status: "active",
    bindings: { Test: { entraGroupId: ring } },
    parentGroupId: `P${ring}`,
  } as unknown as StoredGroup;
}

let directory: Directory;
let watch: typeof import("../../../../shared/registration/watch.js");
/** A new process of the app. */
async function restart(): Promise<void> {
  vi.resetModules();
  watch = await import("../../../../shared/registration/watch.js");
}
beforeEach(async () => {
  table = new MemoryTable();
  directory = new Directory();
  await restart();
  const groups = [group("a", "p1", "ra"), group("b", "p2", "rb")];
  await watch.noteSources(groups, groups, sources);
});

async function hour() {
  now += HOUR;
  directory.calls.length = 0;
  storage = 0;
  const { survey, repair, own, commit } = await watch.directoryChanges(directory.graph);
  await commit();
  return { survey, repair, own, calls: directory.calls.length, storage };
}

describe("the hourly look", () => {
  it("counts groups that are watched for the first time as changed", async () => {
    expect(await hour()).toMatchObject({ survey: ["a", "b"], repair: [] });
  });

  it("costs one call to Graph and nothing of storage while nothing changes", async () => {
    await hour();
    for (let n = 0; n < 5; n++) expect(await hour()).toEqual({ survey: [], repair: [], own: [], calls: 1, storage: 0 });
  });

  it("names the Autopatch groups whose source changed, a nested one and a shared one included", async () => {
    await hour();
    directory.change("n1");
    expect(await hour()).toMatchObject({ survey: ["a"], repair: [] });
    directory.change("t1");
    expect(await hour()).toMatchObject({ survey: ["a", "b"], repair: [] });
    expect(await hour()).toMatchObject({ survey: [], repair: [] });
  });

  it("asks only for the rings to be filled when only ring groups changed", async () => {
    await hour();
    directory.change("rb");
    expect(await hour()).toMatchObject({ survey: [], repair: ["b"] });
    directory.change("rb", "p1", "ra");
    expect(await hour()).toMatchObject({ survey: ["a"], repair: ["b"] });
  });

  it("names the Autopatch groups whose own directory groups changed, the parent included", async () => {
    await hour();
    directory.change("rb", "p1", "pra");
    expect(await hour()).toMatchObject({ survey: ["a"], own: ["a", "b"] });
    directory.change("p1");
    expect(await hour()).toMatchObject({ survey: ["a"], own: [] });
  });

  it("tells the same changes again when nothing came of them", async () => {
    await hour();
    directory.change("p1");
    expect((await watch.directoryChanges(directory.graph)).survey).toEqual(["a"]);
    expect(await hour()).toMatchObject({ survey: ["a"] });
    expect(await hour()).toMatchObject({ survey: [] });
  });

  it("goes on where the process before it was", async () => {
    await hour();
    await restart();
    expect(await hour()).toMatchObject({ survey: [], repair: [], calls: 1 });
    directory.change("rb");
    await restart();
    expect(await hour()).toMatchObject({ repair: ["b"] });
  });

  it("looks at everything when the link is too old", async () => {
    await hour();
    directory.expired.add("link 0");
    directory.change("x");
    expect(await hour()).toMatchObject({ survey: ["a", "b"] });
    expect(await hour()).toMatchObject({ survey: [], calls: 1 });
  });

  it("writes its link to storage once a day", async () => {
    await hour();
    const written = [];
    for (let n = 0; n < 48; n++) written.push((await hour()).storage);
    expect(written.filter((transactions) => transactions > 0).length).toBeLessThanOrEqual(4);
  });

  it("watches 50 groups with one call", async () => {
    const many = Array.from({ length: 60 }, (_, n) => group(`g${n}`, `q${n}`, `r${n}`));
    await watch.noteSources(many, many, new Map());
    await hour();
    // 60 pools, 60 ring groups with their parents, and the source that all share.
    expect(await hour()).toMatchObject({ calls: Math.ceil(181 / 50) });
  });

  it("forgets Autopatch groups that are no more", async () => {
    await hour();
    await watch.noteSources([group("b", "p2", "rb")], [], new Map());
    directory.change("p1");
    await hour();
    directory.change("p1");
    expect(await hour()).toMatchObject({ survey: [] });
  });
});
