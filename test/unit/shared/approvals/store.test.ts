import { beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

let approvals = new MemoryTable();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => approvals }));

const { changeApproval, insertApproval, newApproval, readApproval } = await import(
  "../../../../shared/approvals/store.js"
);
const { policyFor } = await import("../../../../shared/approvals/policy.js");
const { documents } = await import("../../../../shared/store/documents.js");

const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: 0, failures: 5, offered: 50 } as const;
const pending = newApproval(question, policyFor(question));

beforeEach(async () => {
  approvals = new MemoryTable();
  await insertApproval(pending);
});

describe("an approval", () => {
  it("that is there already stays as it is, and is what comes back", async () => {
    await changeApproval("q1", (approval) => ({ ...approval, reminders: 3 }));
    expect(await insertApproval(pending)).toEqual({ ...pending, reminders: 3 });
  });

  it("of before there were policies and cards is read as one that anybody decides", async () => {
    const { policy: _policy, votes: _votes, rev: _rev, escalatedAt: _at, deliveries: _cards, ...old } = pending;
    await documents(approvals, z.unknown()).put("approval", "q2", { ...old, question: { ...question, id: "q2" } });
    expect((await readApproval("q2")).body).toEqual({ ...pending, question: { ...question, id: "q2" } });
  });
});

describe("changing an approval", () => {
  it("looks again when somebody else was faster, so that an answer is never overwritten", async () => {
    const get = approvals.get.bind(approvals);
    vi.spyOn(approvals, "get").mockImplementationOnce(async (...row) => {
      const found = await get(...row);
      await changeApproval("q1", (approval) => ({ ...approval, status: "answered", answer: "resume" }));
      return found;
    });
    await changeApproval("q1", (approval) =>
      approval.status === "pending" ? { ...approval, status: "timedOut", answer: "keep" } : undefined,
    );
    expect((await readApproval("q1")).body).toMatchObject({ status: "answered", answer: "resume" });
  });

  it("passes a refusal on, and changes nothing", async () => {
    const refuse = () => {
      throw new Error("closed");
    };
    await expect(changeApproval("q1", refuse)).rejects.toThrow("closed");
    expect((await readApproval("q1")).body).toEqual(pending);
  });

  it("says so when there is none", async () => {
    await expect(changeApproval("q2", () => undefined)).rejects.toMatchObject({ code: "not_found" });
  });
});
