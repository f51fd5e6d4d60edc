import { ANSWER_LABELS, WORDING } from "../approvals/questions.js";
import type { Approval, ApprovalStatus } from "../approvals/store.js";
import { shortTime } from "../calendar/days.js";
import { clipped, type Element, line, literal, quoted } from "./elements.js";

const LONGEST_JUSTIFICATION = 500;
/** Characters of a person's name on a card. */
export const LONGEST_NAME = 60;

/** What a card calls the state of a question. */
export const STATUS_LABELS: Readonly<Record<ApprovalStatus, string>> = {
  pending: "Waiting for an answer",
  answered: "Answered",
  timedOut: "Timed out",
  moot: "No longer needed",
};

/** The end of a question in words, with what it means; nothing while it is open. */
export function outcomeOf(approval: Approval): Element[] {
  const { status, answer, answeredBy, answeredAt, justification, question } = approval;
  const when = answeredAt === null ? "" : ` at ${shortTime(answeredAt)}`;
  const means = answer === null ? "" : (WORDING[question.kind].answers[answer] ?? "");
  const label = answer === null ? "" : ANSWER_LABELS[answer];
  switch (status) {
    case "pending":
      return [];
    case "moot":
      return [line("Nobody needs to answer any more: what this was about is over.")];
    case "timedOut":
      return [line(`Nobody answered in time${when}: **${label}**. ${means}`)];
    case "answered":
      return [
        line(`**${label}**, said ${literal(clipped(answeredBy?.name ?? "somebody", LONGEST_NAME))}${when}. ${means}`),
        ...(justification === null ? [] : [quoted(`“${justification}”`, LONGEST_JUSTIFICATION)]),
      ];
  }
}
