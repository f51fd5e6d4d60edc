import { WORDING } from "../approvals/questions.js";
import type { Approval } from "../approvals/store.js";
import { subjectOf } from "../approvals/view.js";
import { shortTime } from "../calendar/days.js";
import { literal } from "../cards/elements.js";
import { atMention, type Message } from "./connector.js";
import type { TeamsPerson } from "./store.js";

/** People whom a reminder calls by name; more would be noise. */
const MOST_MENTIONED = 10;

/** Calls those who may answer and have not, by name, so that Teams notifies them. */
export function reminderOf(approval: Approval, people: readonly TeamsPerson[]): Message {
  const { question, reminders, dueAt, votes } = approval;
  const silent = people.filter(({ oid }) => !votes.some(({ id }) => id === oid)).slice(0, MOST_MENTIONED);
  const names = silent.map(({ name }) => atMention(name)).join(", ");
  const what = `${WORDING[question.kind].title}: ${subjectOf(question)}`;
  const due = `It waits for an answer until ${shortTime(dueAt)}.`;
  return {
    summary: `Reminder ${reminders}: ${what}`,
    text: `${names === "" ? "" : `${names} `}Reminder ${reminders}: ${literal(what)}. ${due}`,
    mentions: silent,
  };
}
