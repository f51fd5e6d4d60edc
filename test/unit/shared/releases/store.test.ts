import { beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import type { Table } from "../../../../shared/store/table.js";

const tables = new Map<string, Table>();
vi.mock("../../../../shared/store/tables.js", () => ({
  table: async (name: string) => {
    const found = tables.get(name) ?? new MemoryTable();
    tables.set(name, found);
    return found;
  },
}));

const { changeRing, readRelease, readRing, saveRelease, saveRing } = await import(
  "../../../../shared/releases/store.js"
);
type Release = Awaited<ReturnType<typeof readRelease>>;
type Ring = Awaited<ReturnType<typeof readRing>>;

const ring = (revision: number, openedAt: number | null = null) =>
  ({ releaseId: "r1", ring: "Test", state: { plan: { index: 0 } }, policy: null, openedAt, revision }) as Ring;
const release = (revision: number, approvalsAsked: number) =>
  ({ id: "r1", state: {}, approvalsAsked, revision }) as Release;

beforeEach(() => tables.clear());

describe("what an orchestration writes", () => {
  it("takes the place of older revisions", async () => {
    await saveRing(ring(1));
    await saveRing(ring(2, 7));
    expect(await readRing("r1", "Test")).toMatchObject({ revision: 2, openedAt: 7 });
  });

  it("is not overwritten by a ring's activity that runs again, too late", async () => {
    await saveRing(ring(2, 7));
    await saveRing(ring(1));
    await saveRing(ring(2, 8));
    expect(await readRing("r1", "Test")).toMatchObject({ revision: 2, openedAt: 7 });
  });

  it("is not overwritten by a release's activity that runs again, too late", async () => {
    await saveRelease(release(5, 2));
    await saveRelease(release(4, 1));
    expect(await readRelease("r1")).toMatchObject({ revision: 5, approvalsAsked: 2 });
  });
});

describe("what others change in a ring", () => {
  it("keeps the rest and the revision", async () => {
    await saveRing(ring(3, 7));
    await changeRing("r1", "Test", { endedAt: 9 });
    expect(await readRing("r1", "Test")).toMatchObject({ revision: 3, openedAt: 7, endedAt: 9 });
  });

  it("is tried again when the ring was written meanwhile", async () => {
    await saveRing(ring(3));
    const table = tables.get("ReleaseRings");
    const get = table?.get.bind(table);
    vi.spyOn(table as Table, "get").mockImplementationOnce(async (...row) => {
      const found = await get?.(...row);
      await saveRing(ring(4, 7));
      return found;
    });
    await expect(changeRing("r1", "Test", { endedAt: 9 })).rejects.toMatchObject({ code: "unavailable" });
    expect(await readRing("r1", "Test")).toMatchObject({ revision: 4, openedAt: 7 });
  });
});
