import { z } from "zod";
import { wall } from "../../../../shared/wall.js";
import type { Json } from "../graph/types.js";
import { dateText, type World } from "../world.js";
import { CARD_TYPE, type Card, isCard } from "./activity.js";
import type { BotAuthority } from "./bot.js";
import type { Conversations, MessageRow, Place } from "./conversations.js";
import type { TeamMember } from "./people.js";

/** How long Teams waits for a bot, ms of real time (graph.md §4.6, unverified). */
const ANSWER_WITHIN_MS = 15_000;

/** What somebody does with a card. */
export interface CardAction {
  readonly verb: string;
  readonly title: string;
  /** Data of the action with the inputs of the card merged in. */
  readonly data: Json;
  /** `automatic` when the client refreshes the card by itself. */
  readonly trigger: "manual" | "automatic";
}

/** What the client makes of the bot's answer. */
export type ActionResult =
  | { readonly kind: "card"; readonly card: Card }
  | { readonly kind: "toast"; readonly text: string }
  | { readonly kind: "error"; readonly text: string };

const answerSchema = z.object({ statusCode: z.number(), type: z.string(), value: z.unknown().optional() });
const errorSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

/** What sends activities from Teams to the app's bot. */
export interface BotCaller {
  readonly world: World;
  readonly authority: BotAuthority;
  readonly conversations: Conversations;
  readonly appId: string;
  readonly serviceUrl: string;
  /** The bot's messaging endpoint. */
  readonly endpoint: string;
}

/** Sends `adaptiveCard/action` to the bot and reads its inner status (graph.md §4.6). Never throws. */
export async function invokeCard(
  caller: BotCaller,
  person: TeamMember,
  message: MessageRow,
  { verb, title, data, trigger }: CardAction,
): Promise<ActionResult> {
  const { conversationId, threadId } = message;
  const isChannel = conversationId === caller.conversations.channelId;
  const place = isChannel ? { conversationId, threadId } : { conversationId, oid: person.oid };
  const action = { type: "Action.Execute", title, verb, data };
  const answer = await send(caller, {
    ...envelope(caller, person, place),
    type: "invoke",
    name: "adaptiveCard/action",
    replyToId: message.id,
    value: { action, trigger },
  });
  return typeof answer === "string" ? { kind: "error", text: answer } : resultOf(answer.body);
}

/** Sends a message that a person wrote to the bot. Returns what went wrong, if anything did. Never throws. */
export async function sendMessage(
  caller: BotCaller,
  person: TeamMember,
  message: MessageRow,
): Promise<string | undefined> {
  const place = { conversationId: message.conversationId, oid: person.oid };
  const { text = "" } = message.activity;
  const written = { type: "message", id: message.id, text, textFormat: "plain", attachments: [] };
  const answer = await send(caller, { ...envelope(caller, person, place), ...written });
  return typeof answer === "string" ? answer : undefined;
}

/** What every activity from Teams says about itself, whoever it is about. */
function envelope({ world, conversations, appId, serviceUrl }: BotCaller, person: TeamMember, place: Place): Json {
  const isChannel = place.oid === undefined;
  const thread = place.threadId === undefined ? "" : `;messageid=${place.threadId}`;
  const conversation = isChannel ? { conversationType: "channel", isGroup: true } : { conversationType: "personal" };
  const { channelId, teamId } = conversations;
  return {
    id: `f:${world.newId("activity")}`,
    timestamp: dateText(world.clock.now()),
    channelId: "msteams",
    serviceUrl,
    from: { id: person.mri, aadObjectId: person.oid, name: person.name },
    recipient: { id: `28:${appId}` },
    conversation: { id: `${place.conversationId}${thread}`, tenantId: world.tenantId, ...conversation },
    channelData: {
      tenant: { id: world.tenantId },
      source: { name: "message" },
      ...(isChannel ? { channel: { id: channelId }, team: { id: channelId, aadGroupId: teamId } } : {}),
    },
  };
}

/** The answer of the bot, or a sentence that says why there is none. */
async function send(
  { authority, serviceUrl, endpoint }: BotCaller,
  activity: Json,
): Promise<{ body: unknown } | string> {
  const ended = new AbortController();
  const cancel = wall.after(ANSWER_WITHIN_MS, () => ended.abort());
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { authorization: `Bearer ${authority.issue(serviceUrl)}`, "content-type": "application/json" },
      body: JSON.stringify(activity),
      signal: ended.signal,
    });
    const text = await response.text();
    if (!response.ok) return `The app answered ${response.status}. Try again.`;
    return { body: text === "" ? undefined : JSON.parse(text) };
  } catch (error) {
    if (ended.signal.aborted) return "The app did not answer in time. Try again.";
    return `The app could not be reached or understood (${error instanceof Error ? error.message : error}).`;
  } finally {
    cancel();
  }
}

function resultOf(body: unknown): ActionResult {
  const answer = answerSchema.safeParse(body).data;
  if (answer === undefined) return { kind: "error", text: "The app's answer is not one that Teams understands." };
  const { statusCode, type, value } = answer;
  if (statusCode === 200 && type === CARD_TYPE && isCard(value)) return { kind: "card", card: value };
  if (statusCode === 200 && type === "application/vnd.microsoft.activity.message" && typeof value === "string") {
    return { kind: "toast", text: value };
  }
  const { code = type, message = "Something went wrong." } = errorSchema.safeParse(value).data ?? {};
  return { kind: "error", text: `${message} (${statusCode} ${code})` };
}
