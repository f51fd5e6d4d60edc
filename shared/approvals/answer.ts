import type { Actor } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { AppError } from "../errors.js";
import { countsFrom, decided, type Vote, withVote } from "./policy.js";
import { type Answer, offeredAnswers, targetOfQuestion } from "./questions.js";
import { type Approval, changeApproval } from "./store.js";

export interface GivenAnswer {
  readonly approvalId: string;
  /** Has been authorised to answer approvals. */
  readonly actor: Pick<Actor, "id" | "name">;
  readonly answer: Answer;
  readonly justification?: string | undefined;
  /** Revision of the card that was clicked; left out, the person has seen the newest. */
  readonly rev?: number | undefined;
  /** Domain time, ms. */
  readonly at: number;
}

/**
 * Records what a person answers, whichever way it comes, and decides the question when the answer has its voices. The
 * same answer of the same person again changes nothing and succeeds. Returns the approval as it stands then.
 * @throws AppError `not_found`; `conflict` when the question is closed, or when the card that was clicked is older than
 * the person's own last answer; `forbidden` when others are asked; `invalid_input` for an answer that is not offered
 */
export async function answerApproval(given: GivenAnswer): Promise<Approval> {
  const approval = await changeApproval(given.approvalId, (found) =>
    isRepeated(found, given) ? undefined : vote(found, given),
  );
  const { question, votes, status } = approval;
  const own = votes.find(({ id }) => id === given.actor.id);
  if (own === undefined) return approval;
  // Written again with the same instant it is one entry, so that a run that was cut off before this can be repeated.
  await audit({
    at: own.at,
    actor: given.actor,
    action: "approval.answer",
    target: targetOfQuestion(question),
    key: `${question.id} ${own.id} ${own.rev}`,
    justification: own.justification ?? undefined,
    evidence: {
      approvalId: question.id,
      answer: own.answer,
      ...(status === "pending" ? { voices: voicesOf(approval, own.answer) } : {}),
    },
  });
  return approval;
}

/** How many voices an answer has. */
export function voicesOf({ votes }: Pick<Approval, "votes">, answer: Answer): number {
  return votes.filter((vote) => vote.answer === answer).length;
}

function isRepeated({ votes }: Approval, { actor, answer }: GivenAnswer): boolean {
  return votes.some((vote) => vote.id === actor.id && vote.answer === answer);
}

function vote(approval: Approval, { actor, answer, justification, rev, at }: GivenAnswer): Approval {
  refuseUnlessOpen(approval, answer);
  refuseOthers(approval, actor);
  refuseOldCard(approval, actor.id, rev);
  const own: Vote = {
    id: actor.id,
    name: actor.name,
    answer,
    justification: justification ?? null,
    at,
    rev: approval.rev + 1,
  };
  const votes = withVote(approval.votes, own);
  const voted = { ...approval, votes, rev: own.rev };
  if (decided(approval.policy, votes) === undefined) return voted;
  const answeredBy = { id: own.id, name: own.name };
  return { ...voted, status: "answered", answer, answeredBy, justification: own.justification, answeredAt: at };
}

function refuseUnlessOpen({ status, question, answer }: Approval, wanted: Answer): void {
  if (status !== "pending") {
    throw new AppError(
      "conflict",
      `The question is ${status}${answer === null ? "" : ` (${answer})`} and takes no further answer.`,
    );
  }
  const offered = offeredAnswers(question).map((each) => each.answer);
  if (offered.includes(wanted)) return;
  throw new AppError("invalid_input", `answer: ${wanted} is not offered here. Choose one of ${offered.join(", ")}.`, {
    field: "answer",
  });
}

function refuseOthers({ policy, escalatedAt }: Approval, { id, name }: GivenAnswer["actor"]): void {
  if (countsFrom(policy, escalatedAt !== null, id)) return;
  throw new AppError(
    "forbidden",
    `${name} is not among the ${policy.approvers.length} people whose answers count for this Autopatch group. Ask one of them, or have an administrator add you to approvals.approvers of the group.`,
    { details: { rule: "approvals.approvers" } },
  );
}

/** A click that was delivered late, or twice, must not undo what the person has answered since. */
function refuseOldCard({ votes, rev: newest }: Approval, id: string, rev: number | undefined): void {
  const own = votes.find((vote) => vote.id === id)?.rev ?? 0;
  if (rev === undefined || (rev >= own && rev <= newest)) return;
  throw new AppError("conflict", "The card is out of date. Look at the question again and answer on the newest card.");
}
