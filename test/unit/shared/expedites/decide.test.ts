import { beforeEach, describe, expect, it, vi } from "vitest";
import { WORDING } from "../../../../shared/approvals/questions.js";
import { expediteQuestion } from "../../../../shared/expedites/approval.js";
import { ordersToEnd } from "../../../../shared/expedites/deployments.js";
import { type Expedite, newExpedite } from "../../../../shared/expedites/expedite.js";
import { emptyTables, memoryTables } from "../policies/memory-tables.js";
import { MAY } from "./catalogue.js";

vi.mock("../../../../shared/store/tables.js", () => memoryTables());
const { cancelExpedite, decideExpedite, isExpediteAsked } = await import("../../../../shared/expedites/decide.js");
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

it("a cancelled expedite is taken back from the releases that it expedites, and from no others", () => {
  const group = { groupId: "g", groupName: "G" };
  const deployments = [
    { ...group, releaseId: "r1", skipped: null },
    { ...group, releaseId: null, skipped: "switched off" },
  ];
  const orders = ordersToEnd({ ...asked, cancelled: decision(7), deployments });
  expect(orders).toMatchObject([
    { releaseId: "r1", logged: { actor: ada, command: { kind: "endExpedite", at: 7, expediteId: "x1" } } },
  ]);
});
