import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditRecord } from "../../../../shared/audit/audit.js";
import { GENESIS, verifyChain } from "../../../../shared/audit/chain.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

const log = new MemoryTable();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => log }));
/** Both instances know each other's errors. */
const errors = await vi.hoisted(() => import("../../../../shared/errors.js"));
vi.mock("../../../../shared/errors.js", () => errors);
const one = await import("../../../../shared/audit/audit.js");
vi.resetModules();
/** The same module again, as another instance of the app has it. */
const other = await import("../../../../shared/audit/audit.js");

/** Each test has a month of its own. */
let year = 2020;
const inMonth = (month: string) => Date.parse(`${year}-${month}-11T10:00:00Z`);
const record = (key: string, at = inMonth("06")): AuditRecord => ({
  ...{ at, actor: { id: "ada", name: "Ada" }, action: "group.update", target: "group/g", key },
  evidence: { before: undefined, after: { devices: 3 } },
});

async function stored(month = "06") {
  const entries = [];
  for await (const { id, body, link } of one.auditEntries(`${year}-${month}`)) entries.push({ id, ...body, ...link });
  return entries;
}

beforeEach(() => {
  year += 10;
});

describe("the audit log", () => {
  it("chains every entry to the one before, and months to each other", async () => {
    for (const key of ["c", "a", "b"]) await one.audit(record(key));
    await one.audit(record("d", inMonth("07")));
    const june = await stored();
    expect(june.map(({ id, seq }) => [id.slice(-1), seq])).toEqual([
      ["a", 2],
      ["b", 3],
      ["c", 1],
    ]);
    const report = verifyChain(june);
    expect(report).toMatchObject({ entries: 3, begins: GENESIS, broken: null });
    expect(verifyChain(await stored("07"))).toMatchObject({ entries: 1, begins: report.head?.hash, broken: null });
  });

  it("keeps one entry of an act that is written twice", async () => {
    await one.audit(record("a"));
    await one.audit(record("a"));
    await other.audit(record("a"));
    await one.audit(record("b"));
    expect(verifyChain(await stored())).toMatchObject({ entries: 2, broken: null });
  });

  it("stays whole when several instances write at once", async () => {
    const keys = Array.from({ length: 40 }, (_, at) => `act ${at}`);
    await Promise.all(keys.flatMap((key) => [one.audit(record(key)), other.audit(record(`other ${key}`))]));
    expect(verifyChain(await stored())).toMatchObject({ entries: 80, broken: null });
  });

  it("goes on behind what is stored when a write that looked failed was carried out", async () => {
    const commit = log.commit.bind(log);
    vi.spyOn(log, "commit").mockImplementationOnce(async (...args) => {
      await commit(...args);
      throw new errors.AppError("unavailable", "The connection was lost.");
    });
    for (const key of ["a", "b"]) await one.audit(record(key));
    expect(verifyChain(await stored())).toMatchObject({ entries: 2, broken: null });
  });

  it("goes on after entries of before the chain", async () => {
    const body = JSON.stringify({
      at: "2024-06-01T00:00:00.000Z",
      actor: { id: "x", name: "X" },
      action: "a",
      target: "t",
    });
    await log.commit(`${year}-06`, [
      { kind: "insert", rowKey: "1717200000000 a k", values: { body, id: "1717200000000 a k" } },
    ]);
    await one.audit(record("a"));
    expect(verifyChain(await stored())).toMatchObject({ entries: 1, unchained: 1, broken: null });
  });
});
