import { beforeEach, describe, expect, it } from "vitest";
import type { AdaptiveCard } from "../../../../shared/cards/elements.js";
import { approvalInstance } from "../../../../workflows/names.js";
import { cardProblems, textsOf, verbsOf } from "../../../support/cards.js";
import { activity, click, SERVICE_URL } from "../../../support/teams-channel.js";
import {
  ADA,
  assign,
  changeApproval,
  entries,
  findPerson,
  fresh,
  knownServiceUrl,
  question,
  readApproval,
  roused,
  said,
  send,
} from "./setup.js";

const BEA = "8d2c0000-0000-4000-8000-000000000002";
const bea = { from: { id: "29:bea", aadObjectId: BEA, name: "Bea" } };
const data = { approvalId: question.id, rev: 1 };

/** The card that a click brings, which must be one. */
async function cardAfter(sent: object): Promise<AdaptiveCard> {
  const { status, jsonBody } = await send(sent);
  expect([status, jsonBody.statusCode, jsonBody.type]).toEqual([200, 200, "application/vnd.microsoft.card.adaptive"]);
  expect(cardProblems(jsonBody.value)).toEqual([]);
  return jsonBody.value;
}

beforeEach(async () => {
  await fresh();
  await assign({ oid: BEA, role: "Approver" });
});

describe("a click", () => {
  it("of an approver is the answer, is noted, rouses the approval and changes the card", async () => {
    const card = await cardAfter(click("resume", { ...data, justification: " Known. " }));
    expect(textsOf(card)).toEqual(expect.arrayContaining([expect.stringMatching(/^\*\*Resume\*\*, said Ada Quist/)]));
    expect(verbsOf(card)).toEqual([]);
    const answered = { status: "answered", answer: "resume", answeredBy: { id: ADA, name: "Ada Quist" } };
    expect((await readApproval(question.id)).body).toMatchObject({ ...answered, justification: "Known." });
    expect(await entries()).toMatchObject([
      { action: "approval.answer", actor: { id: ADA }, justification: "Known.", target: "release/r1" },
    ]);
    expect(roused).toEqual([approvalInstance(question.id)]);
  });

  it("that comes again gives the same, is one answer and one entry, and rouses again", async () => {
    const first = await cardAfter(click("resume", data));
    expect(await cardAfter(click("resume", data))).toEqual(first);
    expect((await readApproval(question.id)).body.votes).toHaveLength(1);
    expect([(await entries()).length, roused.length]).toEqual([1, 2]);
  });

  it("of two at once decides once", async () => {
    const cards = await Promise.all([cardAfter(click("resume", data)), cardAfter(click("cancel", data, bea))]);
    const { answer, votes } = (await readApproval(question.id)).body;
    expect(votes).toHaveLength(1);
    const label = answer === "resume" ? "**Resume**" : "**Cancel release**";
    for (const card of cards) expect(textsOf(card).join(" ")).toContain(label);
  });

  it("after somebody else's shows who answered, and changes nothing", async () => {
    await cardAfter(click("resume", data));
    const card = await cardAfter(click("cancel", data, bea));
    expect(textsOf(card).join(" ")).toContain("said Ada Quist");
    expect((await readApproval(question.id)).body.answer).toBe("resume");
    expect(await entries()).toHaveLength(1);
  });

  it("after the time-out shows that", async () => {
    await changeApproval(question.id, (found) => ({ ...found, status: "timedOut", answer: "keep", answeredAt: 0 }));
    expect(textsOf(await cardAfter(click("cancel", data))).join(" ")).toContain("Nobody answered in time");
  });

  it("on a card of an unknown revision brings a fresh one with buttons", async () => {
    const card = await cardAfter(click("resume", { ...data, rev: 7 }));
    expect(textsOf(card).join(" ")).toContain("The card is out of date");
    expect(verbsOf(card)).toContain("approval.resume");
    expect((await readApproval(question.id)).body.votes).toEqual([]);
  });

  it("that waits for others says so", async () => {
    await changeApproval(question.id, (found) => ({
      ...found,
      policy: { ...found.policy, mode: "quorum", needed: 2 },
    }));
    const card = await cardAfter(click("resume", data));
    expect(textsOf(card)).toEqual(expect.arrayContaining(["Ada Quist: **Resume**"]));
    expect(textsOf(card).join(" ")).toContain("Your answer counts");
    expect(textsOf(await cardAfter(click("resume", { ...data, rev: 1 }, bea))).join(" ")).toContain("said Bea");
  });
});

describe("a client that looks again", () => {
  it("gets the newest card with buttons for who may answer", async () => {
    await changeApproval(question.id, (found) => ({ ...found, rev: 5 }));
    const card = await cardAfter(click("refresh", data));
    expect(card.refresh?.action.data).toEqual({ ...data, rev: 5 });
    expect(verbsOf(card)).toHaveLength(4);
    expect(await entries()).toEqual([]);
  });

  it("gets one without buttons for who may only read", async () => {
    await assign({ oid: BEA, role: "Reader" });
    expect(verbsOf(await cardAfter(click("refresh", data, bea)))).toEqual([]);
  });
});

describe("the bot", () => {
  it("learns where Teams is, and the chat with who installs it", async () => {
    const conversation = { id: "a:1", conversationType: "personal" };
    expect((await send(activity({ type: "installationUpdate", conversation }))).status).toBe(200);
    expect(await knownServiceUrl()).toBe(SERVICE_URL);
    expect(await findPerson(ADA)).toEqual({ oid: ADA, mri: "29:ada", name: "Ada Quist", chatId: "a:1" });
    await send(activity({ type: "conversationUpdate" }));
    expect((await findPerson(ADA))?.chatId).toBe("a:1");
  });

  it("says what it does to who speaks to it", async () => {
    await send(activity({ text: "hello" }));
    expect(said).toMatchObject([
      { conversationId: "19:abc@thread.tacv2;messageid=1", text: expect.stringContaining("role Approver") },
    ]);
  });
});
