import { describe, expect, it } from "vitest";
import { countsFrom, decided, dueAtOf, policyFor, type Vote, withVote } from "../../../../shared/approvals/policy.js";
import type { Answer, Question } from "../../../../shared/approvals/questions.js";
import { HOUR_MS } from "../../../../shared/calendar/days.js";
import { type ApprovalSettings, approvalSettingsSchema } from "../../../../shared/groups/group.js";
import { approvalViolations } from "../../../../shared/groups/rules/approvals.js";

const [ADA, BEA, CID] = [1, 2, 3].map((n) => `0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6${n}`) as [string, string, string];
const question = (kind: Question["kind"]): Question => ({
  id: "q",
  kind,
  releaseId: "r",
  at: 0,
  failures: 1,
  offered: 2,
});
const settings = (given: object = {}): ApprovalSettings => approvalSettingsSchema.parse(given);
const policy = (given: object, kind: Question["kind"] = "gatePause") => policyFor(question(kind), settings(given));
const votes = (...given: (readonly [id: string, answer: Answer])[]): Vote[] =>
  given.reduce<Vote[]>(
    (all, [id, answer], rev) => withVote(all, { id, name: id, answer, justification: null, at: 0, rev }),
    [],
  );

describe("without settings", () => {
  it("one voice of anybody decides, and nobody else is asked later", () => {
    const usual = policy({});
    expect(usual).toEqual(policyFor(question("gatePause")));
    expect(usual).toMatchObject({ needed: 1, approvers: [], escalateAt: null });
    expect(countsFrom(usual, false, CID)).toBe(true);
    expect(decided(usual, votes([CID, "cancel"]))).toBe("cancel");
  });

  it("the time-out is that of the question", () => {
    expect(policy({}).timeOut).toEqual({ hours: 336, answer: "keep" });
    expect(policy({}, "inconclusiveHold").timeOut).toEqual({ hours: 24, answer: "pause" });
  });
});

describe("where only people pause", () => {
  const policyThere = (kind: Question["kind"], given: object = {}) =>
    policyFor({ ...question(kind), onlyPeoplePause: true }, settings(given));

  it("no silence is taken for a pause, whatever the settings say", () => {
    for (const kind of ["inconclusiveHold", "silenceHold", "gateHold"] as const)
      expect(policyThere(kind).timeOut).toEqual({ hours: 336, answer: "keep" });
    const given = { timeOutHours: 10, timeOutAnswer: "pause" };
    expect(policyThere("gateHold", given).timeOut).toEqual({ hours: 10, answer: "keep" });
  });
});

describe("with settings", () => {
  it("the time-out is theirs, and its answer where the question offers it", () => {
    const given = { timeOutHours: 10, timeOutAnswer: "pause" };
    expect(policy(given, "gateAdvice").timeOut).toEqual({ hours: 10, answer: "pause" });
    expect(policy(given, "gatePause").timeOut).toEqual({ hours: 10, answer: "keep" });
    expect(dueAtOf(question("gatePause"), policy(given))).toBe(10 * HOUR_MS);
  });

  it("others are asked after half of the time-out, or when they say so", () => {
    expect(policy({ escalateTo: [ADA] }).escalateAt).toBe(168 * HOUR_MS);
    expect(policy({ escalateTo: [ADA], escalateAfterHours: 5 }).escalateAt).toBe(5 * HOUR_MS);
  });

  it("others are asked before the time-out of a question that is shorter than they say", () => {
    for (const hours of [24, 50]) {
      const short = policy({ escalateTo: [ADA], escalateAfterHours: hours }, "inconclusiveHold");
      expect(short.escalateAt).toBe(12 * HOUR_MS);
    }
  });

  it("only approvers count, and those who are asked later once they are", () => {
    const named = policy({ approvers: [ADA.toUpperCase()], escalateTo: [BEA] });
    expect([ADA, BEA, CID].map((id) => countsFrom(named, false, id))).toEqual([true, false, false]);
    expect([ADA, BEA, CID].map((id) => countsFrom(named, true, id))).toEqual([true, true, false]);
  });
});

describe("the answer that is taken", () => {
  const quorum = policy({ mode: "quorum", quorum: 2 });
  const all = policy({ mode: "all", approvers: [ADA, BEA, CID] });

  it.each([
    ["one voice of two", quorum, votes([ADA, "resume"]), undefined],
    ["two voices for two answers", quorum, votes([ADA, "resume"], [BEA, "cancel"]), undefined],
    ["the first to have two voices", quorum, votes([ADA, "resume"], [BEA, "cancel"], [CID, "cancel"]), "cancel"],
    ["one person's two voices", quorum, votes([ADA, "resume"], [ADA, "resume"]), undefined],
    ["a voice that was changed", quorum, votes([ADA, "resume"], [BEA, "cancel"], [ADA, "cancel"]), "cancel"],
    ["all but one", all, votes([ADA, "cancel"], [BEA, "cancel"]), undefined],
    ["all", all, votes([ADA, "cancel"], [BEA, "cancel"], [CID, "cancel"]), "cancel"],
    ["all, of two minds", all, votes([ADA, "cancel"], [BEA, "cancel"], [CID, "keep"]), undefined],
  ])("%s", (_, rules, given, answer) => {
    expect(decided(rules, given)).toBe(answer);
  });
});

describe("settings that leave nobody to decide are refused:", () => {
  it.each([
    [{ mode: "quorum" }, "quorumGiven"],
    [{ quorum: 2 }, "quorumOnly"],
    [{ mode: "all" }, "approversNamed"],
    [{ mode: "quorum", quorum: 2, approvers: [ADA] }, "quorumReachable"],
    [{ escalateAfterHours: 5, timeOutHours: 5 }, "escalateBeforeTimeOut"],
  ])("%j", (given, rule) => {
    expect([...approvalViolations(settings(given))].map((violation) => violation.rule)).toEqual([rule]);
  });

  it("others are not", () => {
    const given = { mode: "quorum", quorum: 2, approvers: [ADA, BEA], escalateAfterHours: 4, timeOutHours: 5 };
    expect([...approvalViolations(settings(given))]).toEqual([]);
    expect(approvalSettingsSchema.safeParse({ approver: [ADA] }).success).toBe(false);
  });
});
