import { beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

let approvals = new MemoryTable();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => approvals }));

const { changeApproval, insertApproval, readApproval } = await import("../../../../shared/approvals/store.js");

const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: 0, failures: 5, offered: 50 } as const;
const pending = {
  question,
  status: "pending",
  answer: null,
  answeredBy: null,
  justification: null,
  answeredAt: null,
  reminders: 0,
  dueAt: 1,
} as const;

beforeEach(async () => {
  approvals = new MemoryTable();
  await insertApproval(question, 1);
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
