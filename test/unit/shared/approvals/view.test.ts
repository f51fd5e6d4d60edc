import { describe, expect, it } from "vitest";
import { newDelivery } from "../../../../shared/approvals/delivery.js";
import { policyFor } from "../../../../shared/approvals/policy.js";
import { type Question, QuestionKind } from "../../../../shared/approvals/questions.js";
import { type Approval, newApproval } from "../../../../shared/approvals/store.js";
import { approvalView, approvalViewSchema, textOf } from "../../../../shared/approvals/view.js";

const AT = Date.parse("2024-06-13T17:00:00Z");
const asked = (kind: QuestionKind): Approval => {
  const question: Question = { id: "q1", kind, releaseId: "r1", at: AT, failures: 5, offered: 50 };
  return newApproval(question, policyFor(question));
};
const posted = { serviceUrl: "https://smba.example/", conversationId: "19:c", activityId: "1", at: AT };
const failure = { code: "forbidden", message: "Not installed.", reminders: 0 };

describe("an approval as the API shows it", () => {
  it.each(Object.values(QuestionKind))("is what openapi.json says: %s", (kind) => {
    const vote = { id: "o1", name: "Ada", answer: "keep" as const, justification: null, at: AT, rev: 2 };
    const approval: Approval = { ...asked(kind), votes: [vote], rev: 2, escalatedAt: AT };
    const view = approvalView(approval);
    expect(approvalViewSchema.parse(view)).toEqual(view);
    expect(view).toMatchObject({ rev: 2, votes: [{ name: "Ada", answer: "keep", at: "2024-06-13T17:00:00.000Z" }] });
  });

  it("says where it was put and what became of that, without where Teams keeps it", () => {
    const deliveries = [
      { ...newDelivery("channel"), posted },
      { ...newDelivery("o1"), failure },
      { ...newDelivery("o2"), begunAt: AT },
      newDelivery("o3"),
    ];
    const view = approvalView({ ...asked("gatePause"), deliveries });
    expect(view.deliveries.map(({ to, status, problem }) => [to, status, problem])).toEqual([
      ["channel", "posted", null],
      ["o1", "failed", "Not installed."],
      ["o2", "sending", null],
      ["o3", "waiting", null],
    ]);
    expect(JSON.stringify(view)).not.toContain("smba");
  });

  it("says what comes of silence where it is more than nothing", () => {
    expect(textOf(asked("silenceHold"))).toContain("Without an answer within 72 hours the service pauses the release.");
    expect(textOf(asked("gatePause"))).not.toContain("Without an answer");
  });
});
