import { HOUR_MS } from "../calendar/days.js";
import type { ApprovalMode, ApprovalSettings } from "../groups/group.js";
import { type Answer, type Question, timeOutOf, WORDING } from "./questions.js";

/** How a question is decided; recorded when it is asked, so that later changes of the group do not touch it. */
export interface ApprovalPolicy {
  readonly mode: ApprovalMode;
  /** Voices that an answer needs. */
  readonly needed: number;
  /** Object ids of those whose answers count; empty: everybody who may answer. */
  readonly approvers: readonly string[];
  /** Object ids of those who are asked too, from `escalateAt` on (ms; null: nobody). */
  readonly escalateTo: readonly string[];
  readonly escalateAt: number | null;
  readonly timeOut: { readonly hours: number; readonly answer: Answer };
}

/** What a person has answered so far. */
export interface Vote {
  /** Who: an object id in Entra, or the id of whoever holds the function key. */
  readonly id: string;
  readonly name: string;
  readonly answer: Answer;
  readonly justification: string | null;
  /** Domain time, ms. */
  readonly at: number;
  /** The approval's revision with this vote: a click on an older card comes too late to change it. */
  readonly rev: number;
}

/** Settings of those who never set any: one voice of anybody decides. */
const NO_SETTINGS: ApprovalSettings = { mode: "any", approvers: [], escalateTo: [] };

/**
 * The policy of a question under the settings of its group. A configured time-out answer counts only for questions that
 * offer it, and a pause not where only people pause; the others keep their own.
 */
export function policyFor(question: Question, settings: ApprovalSettings = NO_SETTINGS): ApprovalPolicy {
  const { answers } = WORDING[question.kind];
  const own = timeOutOf(question);
  const { mode, quorum = 1, approvers, escalateTo, escalateAfterHours, timeOutHours, timeOutAnswer } = settings;
  const isRefused = timeOutAnswer === "pause" && question.onlyPeoplePause === true;
  const offered = timeOutAnswer !== undefined && answers[timeOutAnswer] !== undefined && !isRefused;
  const timeOut = { hours: timeOutHours ?? own.hours, answer: offered ? timeOutAnswer : own.answer };
  // Asked at the time-out, or after it, they could not answer.
  const isInTime = escalateAfterHours !== undefined && escalateAfterHours < timeOut.hours;
  const escalateHours = isInTime ? escalateAfterHours : timeOut.hours / 2;
  return {
    mode,
    needed: { any: 1, quorum, all: Math.max(1, approvers.length) }[mode],
    approvers,
    escalateTo,
    escalateAt: escalateTo.length === 0 ? null : question.at + escalateHours * HOUR_MS,
    timeOut,
  };
}

/** When the configured answer is taken, ms. */
export function dueAtOf(question: Question, { timeOut }: Pick<ApprovalPolicy, "timeOut">): number {
  return question.at + timeOut.hours * HOUR_MS;
}

/** Whether the answer of this person counts. Those asked later stand in for approvers who do not answer. */
export function countsFrom(
  { approvers, escalateTo }: Pick<ApprovalPolicy, "approvers" | "escalateTo">,
  escalated: boolean,
  id: string,
): boolean {
  return approvers.length === 0 || approvers.includes(id) || (escalated && escalateTo.includes(id));
}

/** The votes with this one in place of what the person voted before. */
export function withVote(votes: readonly Vote[], vote: Vote): Vote[] {
  return [...votes.filter(({ id }) => id !== vote.id), vote];
}

/** The answer that has the voices it needs, if one has; nobody has two voices. */
export function decided({ needed }: Pick<ApprovalPolicy, "needed">, votes: readonly Vote[]): Answer | undefined {
  return votes.find(({ answer }) => votes.filter((vote) => vote.answer === answer).length >= needed)?.answer;
}
