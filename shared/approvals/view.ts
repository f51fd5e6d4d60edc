import { z } from "zod";
import { iso } from "../calendar/days.js";
import { ApprovalMode } from "../groups/group.js";
import type { Delivery } from "./delivery.js";
import { Answer, type Question, QuestionKind, WORDING } from "./questions.js";
import { type Approval, ApprovalStatus } from "./store.js";

const answer = z.enum(Answer);
const instant = z.iso.datetime().nullable();

/** An approval as the API shows it; instants are ISO 8601 in UTC. */
export const approvalViewSchema = z.strictObject({
  id: z.string(),
  releaseId: z.string().nullable(),
  expediteId: z.string().nullable(),
  /** Autopatch group whose drivers it is about. */
  groupId: z.string().nullable(),
  kind: z.enum(QuestionKind),
  title: z.string(),
  text: z.string(),
  /** What each answer that is offered does. */
  answers: z.partialRecord(answer, z.string()),
  status: z.enum(ApprovalStatus),
  answer: answer.nullable(),
  answeredBy: z.string().nullable(),
  justification: z.string().nullable(),
  askedAt: z.iso.datetime(),
  answeredAt: instant,
  dueAt: z.iso.datetime(),
  reminders: z.int(),
  /** Grows with every vote. */
  rev: z.int(),
  policy: z.strictObject({
    mode: z.enum(ApprovalMode),
    /** Voices that an answer needs. */
    needed: z.int(),
    approvers: z.array(z.string()),
    escalateTo: z.array(z.string()),
    escalateAt: instant,
    timeOutAnswer: answer,
  }),
  escalatedAt: instant,
  votes: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      answer,
      justification: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  ),
  /** Cards in Teams: in the channel, behind the webhook of a flow, or in the chat with a person by object id. */
  deliveries: z.array(
    z.strictObject({
      to: z.string(),
      status: z.enum(["waiting", "sending", "posted", "failed"]),
      postedAt: instant,
      problem: z.string().nullable(),
    }),
  ),
});
export type ApprovalView = z.infer<typeof approvalViewSchema>;

const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/** The approval for people and for the API. */
export function approvalView(approval: Approval): ApprovalView {
  const { question, policy, answeredBy, answeredAt, dueAt, escalatedAt, votes, deliveries } = approval;
  const { status, justification, reminders, rev } = approval;
  const { title, answers } = WORDING[question.kind];
  return {
    id: question.id,
    releaseId: question.releaseId ?? null,
    expediteId: question.expediteId ?? null,
    groupId: question.groupId ?? null,
    kind: question.kind,
    title,
    text: textOf(approval),
    answers,
    status,
    answer: approval.answer,
    answeredBy: answeredBy?.name ?? null,
    justification,
    askedAt: iso(question.at),
    answeredAt: isoOrNull(answeredAt),
    dueAt: iso(dueAt),
    reminders,
    rev,
    policy: {
      mode: policy.mode,
      needed: policy.needed,
      approvers: [...policy.approvers],
      escalateTo: [...policy.escalateTo],
      escalateAt: isoOrNull(policy.escalateAt),
      timeOutAnswer: policy.timeOut.answer,
    },
    escalatedAt: isoOrNull(escalatedAt),
    votes: votes.map(({ id, name, answer: given, justification: why, at }) => ({
      id,
      name,
      answer: given,
      justification: why,
      at: iso(at),
    })),
    deliveries: deliveries.map(deliveryView),
  };
}

/** What happened and, where it is more than to leave everything as it is, what comes of it without an answer. */
export function textOf({ question, policy }: Pick<Approval, "question" | "policy">): string {
  const { hours, answer: taken } = policy.timeOut;
  const text = WORDING[question.kind].text(question);
  return taken === "pause" ? `${text} Without an answer within ${hours} hours the service pauses the release.` : text;
}

/** The update and the group, as far as the question names them. */
export function subjectOf(question: Pick<Question, "subject" | "releaseId" | "expediteId">): string {
  const { subject, releaseId, expediteId } = question;
  if (subject !== undefined) return `${subject.update} for ${subject.group}`;
  return expediteId === undefined ? `Release ${releaseId}` : `Expedite ${expediteId}`;
}

function deliveryView({ to, posted, begunAt, failure }: Delivery): ApprovalView["deliveries"][number] {
  const open = begunAt === null ? "waiting" : "sending";
  const status = posted !== null ? "posted" : failure === null ? open : "failed";
  return { to, status, postedAt: isoOrNull(posted?.at ?? null), problem: failure?.message ?? null };
}
