import { z } from "zod";
import { iso } from "../calendar/days.js";
import { instant } from "../schema.js";
import { Answer, QuestionKind, WORDING } from "./questions.js";
import { type Approval, ApprovalStatus } from "./store.js";

/** What `approvalView` gives. */
export const approvalViewSchema = z
  .object({
    id: z.string(),
    releaseId: z.string(),
    kind: z.enum(QuestionKind),
    title: z.string(),
    text: z.string(),
    answers: z.partialRecord(z.enum(Answer), z.string()).describe("What each answer does that is offered."),
    status: z.enum(ApprovalStatus),
    answer: z.enum(Answer).nullable(),
    answeredBy: z.string().nullable(),
    justification: z.string().nullable(),
    askedAt: instant,
    answeredAt: instant.nullable(),
    dueAt: instant.describe("When an answer is taken for given."),
    reminders: z.int(),
  })
  .meta({ id: "Approval" });

/** A question to people as the API shows it, with what has become of it. */
export function approvalView(approval: Approval) {
  const { question, status, answer, answeredBy, justification, answeredAt, reminders, dueAt } = approval;
  const { title, text, answers } = WORDING[question.kind];
  return {
    id: question.id,
    releaseId: question.releaseId,
    kind: question.kind,
    title,
    text: text(question),
    answers,
    status,
    answer,
    answeredBy: answeredBy?.name ?? null,
    justification,
    askedAt: iso(question.at),
    answeredAt: answeredAt === null ? null : iso(answeredAt),
    dueAt: iso(dueAt),
    reminders,
  };
}
