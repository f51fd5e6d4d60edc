import { type Delivery, isBehind, Place, type PostedCard, shownBy, withDelivery } from "../approvals/delivery.js";
import { type Approval, changeApproval, readApproval } from "../approvals/store.js";
import { approvalCard, MOST_REFRESHING, summaryOf } from "../cards/approval-card.js";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { teamsClient } from "./client.js";
import type { Connector, Message } from "./connector.js";
import { findPeople, whoMayAnswer } from "./people.js";
import { reminderOf } from "./reminder.js";
import { keepPerson, type TeamsPerson } from "./store.js";
import { postToWorkflow } from "./workflow-webhook.js";

/** A delivery that Teams refused for good. */
export interface Undelivered {
  readonly to: string;
  readonly failure: NonNullable<Delivery["failure"]>;
}

export interface Shown {
  readonly approval: Approval;
  /** What was refused now. */
  readonly refused: readonly Undelivered[];
  /** The error of a place that may take it later; the one that asks for the longest wait. */
  readonly retry: AppError | undefined;
}

/** What is the same for all places of one run. */
interface Round {
  readonly approvalId: string;
  readonly people: ReadonlyMap<string, TeamsPerson>;
  /** Domain time, ms. */
  readonly at: number;
}

/**
 * Brings every card of an approval in Teams in line with it: posts, changes, reminds. What was done is written down after
 * each step, so that a run that is repeated goes on where the last one ended. Only a card whose post was cut off between
 * Teams and the record is posted again, for Teams cannot say whether it is there: two cards that lead to the same
 * question are better than none. A place that fails leaves the others alone.
 */
export async function showApproval(approvalId: string, at: number): Promise<Shown> {
  const before = (await readApproval(approvalId)).body;
  const behind = before.deliveries.filter((delivery) => isBehind(before, delivery));
  if (behind.length === 0) return { approval: before, refused: [], retry: undefined };
  let people: ReadonlyMap<string, TeamsPerson> = new Map();
  try {
    people = await peopleFor(before, behind);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.retryable) return { approval: before, refused: [], retry: error };
    // What keeps the bot from looking keeps it from posting too, and is noted there.
  }
  let approval = before;
  const refused: Undelivered[] = [];
  let retry: AppError | undefined;
  for (const { to } of behind) {
    try {
      approval = await showAt(to, approval, { approvalId, people, at });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.retryable) {
        retry = (error.retryAfterSeconds ?? 0) >= (retry?.retryAfterSeconds ?? 0) ? error : retry;
        continue;
      }
      const { reminders, status } = approval;
      const failure = { code: error.code, message: error.message, reminders, status };
      refused.push({ to, failure });
      // A card that somebody has deleted can be posted anew, never changed again.
      const lost = error.code === "not_found" ? { posted: null, begunAt: null, shows: null } : {};
      approval = await record(approvalId, to, { failure, ...lost });
    }
  }
  return { approval, refused, retry };
}

/** Those who may answer, and those who are written to. */
async function peopleFor(approval: Approval, deliveries: readonly Delivery[]): Promise<Map<string, TeamsPerson>> {
  const places = deliveries.map(({ to }) => to).filter((to) => to !== Place.workflow);
  if (places.length === 0) return new Map();
  const chats = places.filter((to) => to !== Place.channel);
  const wanted = [...new Set([...chats, ...(await whoMayAnswer(approval))])];
  return findPeople(await teamsClient(), wanted, config().TEAMS_CHANNEL_ID);
}

async function showAt(to: string, approval: Approval, round: Round): Promise<Approval> {
  const delivery = approval.deliveries.find((each) => each.to === to);
  if (delivery === undefined || !isBehind(approval, delivery)) return approval;
  const { approvalId } = round;
  if (to === Place.workflow) return throughWorkflow(approval, round);
  const { posted } = delivery;
  const client = await teamsClient(posted?.serviceUrl);
  const message = messageOf(approval, round.people);
  if (posted === null) {
    await record(approvalId, to, { begunAt: round.at });
    const stands = await post(client, to, message, round);
    return record(approvalId, to, {
      posted: { ...stands, serviceUrl: client.serviceUrl, at: round.at },
      shows: shownBy(approval, to),
      reminded: approval.reminders,
      failure: null,
    });
  }
  let shown = approval;
  if (delivery.shows !== shownBy(approval, to)) {
    await client.update(posted, message);
    shown = await record(approvalId, to, { shows: shownBy(approval, to), failure: null });
  }
  return delivery.reminded < approval.reminders ? remind(client, to, shown, round) : shown;
}

async function post(
  client: Connector,
  to: string,
  message: Message,
  { people }: Round,
): Promise<Pick<PostedCard, "conversationId" | "activityId">> {
  if (to === Place.channel) return client.postToChannel(config().TEAMS_CHANNEL_ID ?? "", message);
  const person = people.get(to);
  if (person === undefined) {
    const reason = `Teams does not name ${to} to the bot. Add the person to the team of TEAMS_CHANNEL_ID, or install the bot's app for the person.`;
    throw new AppError("not_found", reason);
  }
  const conversationId = person.chatId ?? (await client.chatWith(person.mri));
  if (person.chatId === undefined) await keepPerson({ ...person, chatId: conversationId });
  return { conversationId, activityId: await client.send(conversationId, message) };
}

/** Says so below the card. Written down first: a reminder that is lost is better than one that comes twice. */
async function remind(
  client: Connector,
  to: string,
  approval: Approval,
  { approvalId, people }: Round,
): Promise<Approval> {
  const { posted = null, reminded: before = 0 } = approval.deliveries.find((each) => each.to === to) ?? {};
  if (approval.status !== "pending" || posted === null) return approval;
  const called = to === Place.channel ? [...people.values()] : [...people.values()].filter(({ oid }) => oid === to);
  const reminded = await record(approvalId, to, { reminded: approval.reminders, failure: null });
  try {
    await client.send(posted.conversationId, reminderOf(approval, called));
  } catch (error) {
    // This one Teams has surely not taken.
    if (error instanceof AppError && error.code === "throttled") await record(approvalId, to, { reminded: before });
    throw error;
  }
  return reminded;
}

/** What a flow posted cannot be changed: the question once, each reminder, and its end are cards of their own. */
async function throughWorkflow(approval: Approval, { approvalId, at }: Round): Promise<Approval> {
  const to = Place.workflow;
  const { CONSOLE_URL: consoleUrl } = config();
  await record(approvalId, to, { begunAt: at });
  await postToWorkflow(approvalCard(approval, { consoleUrl, buttons: false }));
  return record(approvalId, to, {
    posted: { serviceUrl: "", conversationId: "", activityId: "", at },
    shows: shownBy(approval, to),
    reminded: approval.reminders,
    failure: null,
  });
}

function messageOf(approval: Approval, people: ReadonlyMap<string, TeamsPerson>): Message {
  const userIds = [...people.values()].map(({ mri }) => mri).slice(0, MOST_REFRESHING);
  const card = approvalCard(approval, { consoleUrl: config().CONSOLE_URL, userIds });
  return { summary: summaryOf(approval), card };
}

function record(approvalId: string, to: string, change: Partial<Delivery>): Promise<Approval> {
  return changeApproval(approvalId, (approval) => {
    const before = approval.deliveries.find((delivery) => delivery.to === to);
    if (before === undefined) return undefined;
    return { ...approval, deliveries: withDelivery(approval.deliveries, { ...before, ...change }) };
  });
}
