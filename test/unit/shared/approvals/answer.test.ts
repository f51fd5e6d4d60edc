import { beforeEach, describe, expect, it, vi } from "vitest";
import { emptyTables, memoryTables } from "../policies/memory-tables.js";

vi.mock("../../../../shared/store/tables.js", () => memoryTables());

const { answerApproval } = await import("../../../../shared/approvals/answer.js");
const { insertApproval, newApproval, readApproval, changeApproval } = await import(
  "../../../../shared/approvals/store.js"
);
const { policyFor } = await import("../../../../shared/approvals/policy.js");
const { auditEntries } = await import("../../../../shared/audit/audit.js");

const AT = Date.parse("2024-06-13T17:00:00Z");
const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: AT, failures: 5, offered: 50 } as const;
const [ada, bea] = [
  { id: "o1", name: "Ada" },
  { id: "o2", name: "Bea" },
];
const give = (actor: typeof ada, answer: "resume" | "cancel" | "pause", more: { rev?: number; at?: number } = {}) =>
  answerApproval({ approvalId: "q1", actor, answer, at: AT, justification: `${actor.name} says so.`, ...more });

async function ask(policy: Partial<ReturnType<typeof policyFor>> = {}) {
  await insertApproval(newApproval(question, { ...policyFor(question), ...policy }));
}

async function entries() {
  const found = [];
  for await (const { body } of auditEntries("2024-06")) found.push(body);
  return found;
}

beforeEach(() => emptyTables());

describe("an answer", () => {
  it("that needs one voice decides, with who gave it and why", async () => {
    await ask();
    const after = await give(ada, "resume");
    expect(after).toMatchObject({
      status: "answered",
      answer: "resume",
      answeredBy: ada,
      justification: "Ada says so.",
    });
    expect(await entries()).toMatchObject([
      {
        action: "approval.answer",
        actor: ada,
        target: "release/r1",
        evidence: { approvalId: question.id, answer: "resume" },
      },
    ]);
  });

  it("given twice is one answer and one entry, whenever it comes again", async () => {
    await ask();
    await give(ada, "resume");
    const again = await give(ada, "resume", { at: AT + 60_000, rev: 1 });
    expect([again.votes.length, again.rev, again.answeredAt]).toEqual([1, 2, AT]);
    expect(await entries()).toHaveLength(1);
  });

  it("waits for the voices it needs", async () => {
    await ask({ mode: "quorum", needed: 2 });
    expect(await give(ada, "resume")).toMatchObject({ status: "pending", answer: null, rev: 2 });
    expect(await give(bea, "resume")).toMatchObject({ status: "answered", answeredBy: bea, rev: 3 });
    expect((await entries()).map(({ evidence }) => evidence)).toEqual([
      { approvalId: "q1", answer: "resume", voices: 1 },
      { approvalId: "q1", answer: "resume" },
    ]);
  });

  it("may be changed while the question is open", async () => {
    await ask({ mode: "quorum", needed: 2 });
    await give(ada, "resume");
    await give(ada, "cancel", { rev: 2 });
    expect((await entries()).map(({ evidence }) => evidence?.answer).sort()).toEqual(["cancel", "resume"]);
    expect((await readApproval("q1")).body.votes).toMatchObject([{ id: "o1", answer: "cancel", rev: 3 }]);
  });

  it("on a card from before the person's last answer changes nothing", async () => {
    await ask({ mode: "quorum", needed: 3 });
    await give(ada, "resume", { rev: 1 });
    await give(ada, "cancel", { rev: 2 });
    await expect(give(ada, "resume", { rev: 1 })).rejects.toMatchObject({ code: "conflict" });
    expect((await readApproval("q1")).body.votes).toMatchObject([{ answer: "cancel" }]);
  });

  it("on a card that somebody else's answer has outdated counts all the same", async () => {
    await ask({ mode: "quorum", needed: 3 });
    await give(ada, "resume", { rev: 1 });
    expect((await give(bea, "cancel", { rev: 1 })).votes).toHaveLength(2);
  });

  it.each([
    ["an unknown revision", { rev: 9 }, "cancel", "conflict"],
    ["an answer that is not offered", {}, "pause", "invalid_input"],
  ] as const)("with %s is refused", async (_, more, answer, code) => {
    await ask();
    await expect(give(ada, answer, more)).rejects.toMatchObject({ code });
    expect((await readApproval("q1")).body.status).toBe("pending");
    expect(await entries()).toEqual([]);
  });

  it("to a closed question is refused, whoever gives another one", async () => {
    await ask();
    await give(ada, "resume");
    await expect(give(bea, "cancel")).rejects.toMatchObject({ code: "conflict" });
    await expect(give(ada, "cancel")).rejects.toMatchObject({ code: "conflict" });
    expect(await entries()).toHaveLength(1);
  });

  it("of somebody who is not asked is refused, until the question goes on to him", async () => {
    await ask({ approvers: ["o1"], escalateTo: ["o2"] });
    await expect(give(bea, "cancel")).rejects.toMatchObject({ code: "forbidden" });
    await changeApproval("q1", (approval) => ({ ...approval, escalatedAt: AT }));
    expect(await give(bea, "cancel")).toMatchObject({ status: "answered", answeredBy: bea });
  });
});
