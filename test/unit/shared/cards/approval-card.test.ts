import { describe, expect, it } from "vitest";
import { policyFor } from "../../../../shared/approvals/policy.js";
import { Answer, type Question, QuestionKind, WORDING } from "../../../../shared/approvals/questions.js";
import { type Approval, newApproval } from "../../../../shared/approvals/store.js";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import { approvalCard, MOST_REFRESHING, summaryOf } from "../../../../shared/cards/approval-card.js";
import type { AdaptiveCard } from "../../../../shared/cards/elements.js";
import { connector } from "../../../../shared/teams/connector.js";
import { cardProblems, textsOf, verbsOf } from "../../../support/cards.js";

const AT = Date.parse("2024-06-13T17:00:00Z");
const question: Question = {
  id: "r1 gatePause 2024-06-13T17:00:00.000Z",
  kind: "gatePause",
  releaseId: "r1",
  at: AT,
  failures: 5,
  offered: 145,
  overdue: 2,
  subject: { update: "2024.06 B", group: "Workforce" },
  gate: { e: 133.2, hold: 5, pause: 100 },
  rings: [
    { ring: "Test", offered: 50, resolved: 40, failures: 1 },
    { ring: "Ring1", offered: 95, resolved: 20, failures: 4 },
  ],
};
const asked = (kind: QuestionKind = "gatePause"): Approval =>
  newApproval({ ...question, kind }, policyFor({ ...question, kind }));
const ada = { id: "o1", name: "Ada" };
const answered: Approval = {
  ...asked(),
  status: "answered",
  answer: "resume",
  answeredBy: ada,
  justification: "Known.",
  answeredAt: AT + HOUR_MS,
};
const states: Readonly<Record<string, Approval>> = {
  answered,
  timedOut: { ...asked(), status: "timedOut", answer: "keep", answeredAt: AT + HOUR_MS },
  moot: { ...asked(), status: "moot" },
};
const OPTIONS = { consoleUrl: "https://console.example/", userIds: ["29:1", "29:2"] };

describe("every card is valid by the official schema:", () => {
  it.each(Object.values(QuestionKind))("%s", (kind) => {
    expect(cardProblems(approvalCard(asked(kind), OPTIONS))).toEqual([]);
    expect(cardProblems(approvalCard(asked(kind), { buttons: false, note: "Only to read." }))).toEqual([]);
  });

  it.each(Object.keys(states))("%s", (state) => {
    expect(cardProblems(approvalCard(states[state] ?? asked(), OPTIONS))).toEqual([]);
  });

  it("and the schema would notice one that is not", () => {
    const card = approvalCard(asked(), OPTIONS);
    expect(cardProblems({ ...card, body: [{ type: "Chart" }] })).not.toEqual([]);
    expect(cardProblems({ ...card, version: undefined, type: "Card" })).not.toEqual([]);
  });
});

describe("an open question", () => {
  const card = approvalCard(asked(), OPTIONS);

  it("has a button for each answer in order, with id and revision, and a link", () => {
    expect(verbsOf(card)).toEqual(["approval.keep", "approval.rollBack", "approval.cancel", "approval.resume"]);
    const data = { approvalId: question.id, rev: 1 };
    expect(card.actions?.filter(({ type }) => type === "Action.Execute")).toEqual(
      expect.arrayContaining([expect.objectContaining({ data })]),
    );
    expect(card.actions?.at(-1)).toEqual({
      type: "Action.OpenUrl",
      title: "Open the console",
      url: OPTIONS.consoleUrl,
    });
    expect(card.refresh).toMatchObject({ action: { verb: "approval.refresh", data }, userIds: OPTIONS.userIds });
  });

  it("says what happened, why, ring by ring, and what each answer does", () => {
    const texts = textsOf(card);
    expect(texts).toEqual(
      expect.arrayContaining([
        "2024.06 B for Workforce",
        "Failed: 5 of 145 offered devices",
        "Not back: 2 devices that began to install",
        "Evidence: 133 (holds from 5, pauses from 100 with 6 failures)",
        "1 failed, 40 of 50 reported",
        "4 failed, 20 of 95 reported",
        `Resume: ${WORDING.gatePause.answers.resume}`,
        "Without one: Leave as it is at 2024-06-27 17:00 UTC",
      ]),
    );
    expect(card.body.at(-1)).toMatchObject({ type: "Input.Text", id: "justification" });
  });

  it("says within which time the service pauses by itself, as the policy has it", () => {
    const asks = { ...question, kind: "inconclusiveHold" } as const;
    const policy = policyFor(asks, { mode: "any", approvers: [], escalateTo: [], timeOutHours: 6 });
    const texts = textsOf(approvalCard(newApproval(asks, policy)));
    expect(texts.join(" ")).toContain("Without an answer within 6 hours the service pauses the release.");
  });

  it("shows the bars of a ring in proportion, and a single failure all the same", () => {
    const rings = [{ ring: "Last", offered: 1000, resolved: 500, failures: 1 }];
    const { body } = approvalCard(newApproval({ ...question, rings }, policyFor(question)));
    const chart = body.find((element) => element.type === "ColumnSet")?.columns[1]?.items[0];
    expect(chart).toMatchObject({
      columns: [{ width: 2, style: "attention" }, { width: 50, style: "good" }, { width: 50 }],
    });
  });

  it("shows who has answered what, where one voice is not enough", () => {
    const votes = [{ ...ada, answer: "cancel" as const, justification: "It breaks printing.", at: AT, rev: 2 }];
    const policy = { ...policyFor(question), needed: 2 };
    const texts = textsOf(approvalCard({ ...asked(), policy, votes }));
    expect(texts).toEqual(
      expect.arrayContaining(["Ada: **Cancel release**", "“It breaks printing.”", "Needed: 2 equal answers; 1 given"]),
    );
  });

  it("has links alone where nobody may answer", () => {
    const card = approvalCard(asked(), { ...OPTIONS, userIds: [], buttons: false, note: "Only to read." });
    expect([verbsOf(card), card.refresh, card.actions?.length]).toEqual([[], undefined, 1]);
    expect(card.body.some(({ type }) => type === "Input.Text")).toBe(false);
    expect(textsOf(card)).toContain("Only to read.");
  });
});

describe("a closed question", () => {
  it.each([
    ["answered", "**Resume**, said Ada at 2024-06-13 18:00 UTC."],
    ["timedOut", "Nobody answered in time at 2024-06-13 18:00 UTC: **Leave as it is**."],
    ["moot", "Nobody needs to answer any more"],
  ])("%s says how it ended, and has no button", (state, text) => {
    const card = approvalCard(states[state] ?? asked(), OPTIONS);
    expect(textsOf(card).some((line) => line.startsWith(text))).toBe(true);
    expect([verbsOf(card), card.refresh]).toEqual([[], undefined]);
  });

  it("keeps what people typed as text", () => {
    const name = "[click](https://evil.example)";
    const card = approvalCard({ ...answered, answeredBy: { id: "o2", name }, justification: name });
    expect(JSON.stringify(card.body.filter(({ type }) => type !== "RichTextBlock"))).not.toContain(name);
    expect(textsOf(card).join(" ")).toContain("\\[click\\]");
  });
});

/** Bytes of the request with which the bot puts a card into a channel. */
async function bytesOfPost(approval: Approval, card: AdaptiveCard): Promise<number> {
  let bytes = 0;
  const bot = connector({
    appId: "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d61",
    tenantId: "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d62",
    serviceUrl: "https://smba.example/",
    tokens: { token: async () => "token", renew: () => undefined },
    fetch: async (_url, init) => {
      bytes = Buffer.byteLength(String(init?.body));
      return Response.json({ id: "19:c;messageid=1" }, { status: 201 });
    },
  });
  await bot.postToChannel(`19:${"c".repeat(32)}@thread.tacv2`, { summary: summaryOf(approval), card });
  return bytes;
}

it.each(["ü", "語", "😀", "\\", "\u0001"])(
  "the largest card stays below 28 KB in Teams, with every person's client that may refresh: %j",
  async (letter) => {
    const long = letter.repeat(2000);
    const rings = Array.from({ length: 15 }, (_, i) => ({
      ring: `${i}${long}`,
      offered: 9e5,
      resolved: 9e5,
      failures: 9e4,
    }));
    const asks: Question = { ...question, rings, subject: { update: long, group: long } };
    const votes = Array.from({ length: 40 }, (_, i) => ({
      id: `${i}`,
      name: `${i} ${long}`,
      answer: Object.values(Answer)[i % 4] ?? "keep",
      justification: long,
      at: AT,
      rev: i + 2,
    }));
    const policy = { ...policyFor(asks), needed: 41 };
    const userIds = Array.from({ length: 100 }, (_, i) => `29:1${String(i).padStart(5, "0")}${"x".repeat(60)}`);
    const asking = { ...newApproval(asks, policy), votes, rev: 41 };
    const ended = {
      ...answered,
      question: asks,
      policy,
      votes,
      justification: long,
      answeredBy: { id: "o", name: long },
    };
    const open = approvalCard(asking, { ...OPTIONS, userIds, note: long.slice(0, 500) });
    const closed = approvalCard(ended);
    for (const [approval, card] of [
      [asking, open],
      [ended, closed],
    ] as const) {
      expect(cardProblems(card)).toEqual([]);
      expect(await bytesOfPost(approval, card)).toBeLessThan(28 * 1024);
      // The newest answer is there, and of the oldest their number.
      expect(textsOf(card).some((text) => text.startsWith("39 "))).toBe(true);
      expect(textsOf(card).some((text) => /^and \d+ earlier ones$/.test(text))).toBe(true);
    }
    expect(open.refresh?.userIds).toHaveLength(MOST_REFRESHING);
  },
);
