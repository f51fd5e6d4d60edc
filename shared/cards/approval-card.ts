import { ANSWER_LABELS, type Answer, offeredAnswers, type Question, WORDING } from "../approvals/questions.js";
import type { Approval } from "../approvals/store.js";
import { subjectOf, textOf } from "../approvals/view.js";
import { shortTime } from "../calendar/days.js";
import { FEWEST_TO_PAUSE } from "../gate/method.js";
import { type Action, type AdaptiveCard, clipped, type Element, type Fact, line, literal, quoted } from "./elements.js";
import { LONGEST_NAME, outcomeOf, STATUS_LABELS } from "./outcome.js";
import { ringBars } from "./rings.js";

/** Largest number of people whose clients may be told to look again by themselves (graph.md §4.6). */
export const MOST_REFRESHING = 60;
/** A justification of more characters is refused by the API as well. */
const LONGEST_INPUT = 1000;
const MOST_VOTES = 20;
const LONGEST_TEXT = 1000;
/** A post is at most 28 KB (graph.md §4.4), with what stands around the card in it. */
const MOST_BYTES = 26 * 1024;

/** Verbs of the buttons: `approval.refresh`, and `approval.` with an answer. */
export const VERB_PREFIX = "approval.";
export const REFRESH_VERB = `${VERB_PREFIX}refresh`;

export interface CardOptions {
  /** Address of the console. */
  readonly consoleUrl?: string | undefined;
  /** Teams ids (`29:…`) of those who may act: their clients fetch the card anew whenever they look. */
  readonly userIds?: readonly string[];
  /** False: links only, for webhooks and for those who may not answer. Default true. */
  readonly buttons?: boolean;
  /** A sentence for the person who looks. */
  readonly note?: string | undefined;
}

/**
 * The card of an approval as it stands: a question with buttons while it is open, else what became of it. It has as many
 * of the newest answers as Teams takes: texts of people may be several bytes a letter.
 */
export function approvalCard(approval: Approval, options: CardOptions = {}): AdaptiveCard {
  for (let shown = Math.min(MOST_VOTES, approval.votes.length); ; shown--) {
    const card = cardWith(approval, options, shown);
    if (shown === 0 || Buffer.byteLength(JSON.stringify(card)) <= MOST_BYTES) return card;
  }
}

function cardWith(approval: Approval, options: CardOptions, shownVotes: number): AdaptiveCard {
  const { question, status } = approval;
  const { title } = WORDING[question.kind];
  const open = status === "pending";
  const buttons = open && (options.buttons ?? true);
  const userIds = (options.userIds ?? []).slice(0, MOST_REFRESHING);
  const heading: Element = {
    type: "Container",
    style: open ? "attention" : "emphasis",
    bleed: true,
    items: [
      line(title, { weight: "bolder", size: "medium" }),
      line(literal(clipped(subjectOf(question), 200)), { isSubtle: true, spacing: "none" }),
    ],
  };
  const actions = [...(buttons ? buttonsOf(approval) : []), ...linkTo(options.consoleUrl)];
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    fallbackText: summaryOf(approval),
    ...(open && userIds.length > 0 ? { refresh: refreshOf(approval, userIds) } : {}),
    body: [
      heading,
      ...(options.note === undefined ? [] : [line(literal(options.note), { color: "warning", weight: "bolder" })]),
      ...outcomeOf(approval),
      line(literal(clipped(textOf(approval), LONGEST_TEXT))),
      ...ringBars(question.rings ?? []),
      { type: "FactSet", separator: true, facts: factsOf(approval) },
      ...(open ? consequencesOf(question) : []),
      ...votesOf(approval, shownVotes),
      ...(buttons ? [justificationInput] : []),
    ],
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/** One line for notifications and for clients without cards. */
export function summaryOf({ question, status }: Pick<Approval, "question" | "status">): string {
  const state = status === "pending" ? "" : ` (${STATUS_LABELS[status].toLowerCase()})`;
  return clipped(`${WORDING[question.kind].title}: ${subjectOf(question)}${state}`, 300);
}

const justificationInput: Element = {
  type: "Input.Text",
  id: "justification",
  label: "Why (goes into the audit log)",
  placeholder: "Optional",
  isMultiline: true,
  maxLength: LONGEST_INPUT,
};

/** Answers that take something away stand out, and so does the one that changes nothing. */
const STYLES: Partial<Readonly<Record<Answer, "positive" | "destructive">>> = {
  keep: "positive",
  cancel: "destructive",
  rollBack: "destructive",
};

function buttonsOf({ question, rev }: Approval): Action[] {
  return offeredAnswers(question).map(({ answer }) => {
    const style = STYLES[answer];
    return {
      type: "Action.Execute",
      title: ANSWER_LABELS[answer],
      verb: `${VERB_PREFIX}${answer}`,
      data: { approvalId: question.id, rev },
      ...(style === undefined ? {} : { style }),
    };
  });
}

function refreshOf({ question, rev }: Approval, userIds: readonly string[]): NonNullable<AdaptiveCard["refresh"]> {
  const data = { approvalId: question.id, rev };
  return { action: { type: "Action.Execute", title: "Refresh", verb: REFRESH_VERB, data }, userIds };
}

function linkTo(consoleUrl: string | undefined): Action[] {
  return consoleUrl === undefined ? [] : [{ type: "Action.OpenUrl", title: "Open the console", url: consoleUrl }];
}

function factsOf({ question, status, dueAt, policy, votes }: Approval): Fact[] {
  const { failures, offered, overdue = 0, gate, at } = question;
  const facts: Fact[] = [
    { title: "State", value: STATUS_LABELS[status] },
    { title: "Asked", value: shortTime(at) },
  ];
  if (offered > 0) facts.push({ title: "Failed", value: `${failures} of ${offered} offered devices` });
  if (overdue > 0) facts.push({ title: "Not back", value: `${overdue} devices that began to install` });
  if (gate !== undefined) {
    const [e, hold, pause] = [gate.e, gate.hold, gate.pause].map(rounded);
    facts.push({
      title: "Evidence",
      value: `${e} (holds from ${hold}, pauses from ${pause} with ${FEWEST_TO_PAUSE} failures)`,
    });
  }
  if (status !== "pending") return facts;
  if (policy.needed > 1)
    facts.push({ title: "Needed", value: `${policy.needed} equal answers; ${votes.length} given` });
  facts.push({ title: "Without one", value: `${ANSWER_LABELS[policy.timeOut.answer]} at ${shortTime(dueAt)}` });
  return facts;
}

/** Large evidence has no use for decimals, nor for more digits than people read. */
function rounded(value: number): string {
  if (value >= 1e6) return value.toExponential(1);
  return String(value >= 10 ? Math.round(value) : Math.round(value * 100) / 100);
}

function consequencesOf(question: Question): Element[] {
  const facts = offeredAnswers(question).map(({ answer, does }) => ({ title: ANSWER_LABELS[answer], value: does }));
  return [{ type: "FactSet", separator: true, facts }];
}

/** Who said what, where one voice is not enough. */
function votesOf({ votes, policy, status }: Approval, shown: number): Element[] {
  if (policy.needed === 1 || votes.length === 0) return [];
  const heading = line(status === "pending" ? "Answers so far" : "Answers", { weight: "bolder" });
  const rows = votes
    .slice(votes.length - shown)
    .flatMap(({ name, answer, justification }): Element[] => [
      line(`${literal(clipped(name, LONGEST_NAME))}: **${ANSWER_LABELS[answer]}**`, { spacing: "none" }),
      ...(justification === null ? [] : [quoted(`“${justification}”`, 120)]),
    ]);
  const left = votes.length - shown;
  return [heading, ...rows, ...(left === 0 ? [] : [line(`and ${left} earlier ones`, { isSubtle: true })])];
}
