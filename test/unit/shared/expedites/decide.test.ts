import { beforeEach, describe, expect, it, vi } from "vitest";
import { WORDING } from "../../../../shared/approvals/questions.js";
import { expediteQuestion } from "../../../../shared/expedites/approval.js";
import { orderKey, ordersToEnd } from "../../../../shared/expedites/deployments.js";
import { type Expedite, newExpedite } from "../../../../shared/expedites/expedite.js";
import { emptyTables, memoryTables } from "../policies/memory-tables.js";
import { MAY } from "./catalogue.js";

vi.mock("../../../../shared/store/tables.js", () => memoryTables());
const { cancelExpedite, decideExpedite, isExpediteAsked, noteCancellation } = await import(
  "../../../../shared/expedites/decide.js"
);
const { auditEntries } = await import("../../../../shared/audit/audit.js");
const { insertExpedite, readExpedite } = await import("../../../../shared/expedites/store.js");

const ada = { id: "a", name: "Ada" };
const decision = (at: number) => ({ by: ada, at, justification: null });
const asked: Expedite = {
  ...newExpedite({
    ...{ id: "x1", source: "webhook", requestedBy: ada, requestedAt: 0, justification: "exploited here" },
    ...{ wanted: { kb: "KB5058405" }, groupIds: ["workforce"], rebootDays: null },
  }),
  ...{ status: "awaitingApproval", update: MAY },
};

beforeEach(async () => {
  emptyTables();
  await insertExpedite(asked);
});

describe("an expedite that people are asked about", () => {
  it("runs when they approve it, and stays approved", async () => {
    await decideExpedite("x1", true, decision(1));
    await decideExpedite("x1", false, decision(2));
    expect(await readExpedite("x1")).toMatchObject({ status: "running", approved: { at: 1, by: ada } });
    expect(await isExpediteAsked("x1")).toBe(false);
  });

  it("is over when they reject it, with who and why", async () => {
    await decideExpedite("x1", false, { ...decision(1), justification: "not now" });
    const said = { status: "rejected", reason: expect.stringMatching(/Ada.*not now/), endedAt: 1 };
    expect(await readExpedite("x1")).toMatchObject(said);
  });

  it("does not run any more once it is cancelled, and the question is moot", async () => {
    await cancelExpedite("x1", decision(1));
    await cancelExpedite("x1", decision(2));
    await decideExpedite("x1", true, decision(3));
    expect(await readExpedite("x1")).toMatchObject({
      status: "awaitingApproval",
      cancelled: { at: 1 },
      approved: null,
    });
    expect(await isExpediteAsked("x1")).toBe(false);
  });

  it("says what it is about, and is rejected when nobody answers", () => {
    const question = expediteQuestion(asked, 5);
    expect(question).toMatchObject({ id: "expedite x1", kind: "expedite", expediteId: "x1", at: 5 });
    const { answers, text, timeOut } = WORDING.expedite;
    expect(text(question)).toMatch(/2025\.05 B.*CVE-2025-30400.*exploited here/);
    expect([Object.keys(answers), timeOut.answer]).toEqual([["approve", "reject"], "reject"]);
  });
});

it("a cancelled expedite is taken back from the releases that were told of it, after they were", () => {
  const orders = ordersToEnd({ ...asked, cancelled: decision(7) }, ["r1"], 9);
  expect(orders).toMatchObject([
    { releaseId: "r1", logged: { actor: ada, command: { kind: "endExpedite", at: 9, expediteId: "x1" } } },
  ]);
  expect((orders[0]?.logged.key ?? "") > orderKey("x1")).toBe(true);
  expect(ordersToEnd(asked, ["r1"], 9)).toEqual([]);
});

it("a cancellation is in the audit log once, also when whoever cancelled ended before he wrote it", async () => {
  const cancelled = { ...asked, cancelled: { ...decision(7), justification: "wrong update" } };
  await noteCancellation(cancelled);
  await noteCancellation(cancelled);
  const entries = [];
  for await (const { body } of auditEntries("1970-01")) entries.push(body);
  expect(entries).toMatchObject([{ action: "expedite.cancel", actor: ada, justification: "wrong update" }]);
});
