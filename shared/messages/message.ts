import { z } from "zod";
import { FocusArea } from "../tenant/contacts.js";

/** What a message of the service is about (autopatch.md §11). */
export const MessageKind = {
  /** The month's security update: planned, started, summary, and what changed meanwhile. */
  release: "release",
  outOfBand: "outOfBand",
  /** A missed service level objective. */
  incident: "incident",
  /** Something is wrong, or somebody has to act. */
  advisory: "advisory",
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

/** What an update of a message tells. */
export const MessageEvent = {
  planned: "planned",
  started: "started",
  scheduleChanged: "scheduleChanged",
  paused: "paused",
  resumed: "resumed",
  rolledBack: "rolledBack",
  cancelled: "cancelled",
  expedited: "expedited",
  ended: "ended",
  summary: "summary",
  /** What Microsoft says of the update. */
  announcement: "announcement",
  opened: "opened",
  updated: "updated",
  closed: "closed",
} as const;
export type MessageEvent = (typeof MessageEvent)[keyof typeof MessageEvent];

const updateSchema = z.object({
  /** Unique in its message, the same when the same thing is told again. */
  key: z.string(),
  /** When it happened, ms of domain time. */
  at: z.number(),
  event: z.enum(MessageEvent),
  text: z.string(),
  /** Whether people are written to; otherwise it only stands here. */
  notify: z.boolean(),
});
export type MessageUpdate = z.infer<typeof updateSchema>;

export const messageSchema = z.object({
  id: z.string(),
  kind: z.enum(MessageKind),
  title: z.string(),
  /** Contacts for these areas are written to. */
  areas: z.array(z.enum(FocusArea)),
  /** In the order in which they were heard of; the first one always stays. */
  updates: z.array(updateSchema),
});
export type Message = z.infer<typeof messageSchema>;

/** A message by its first update. */
export type MessageHead = Omit<Message, "updates">;

/** Most updates that a message keeps: an incident gets one a day. */
const MOST_UPDATES = 200;

/** The message with another update; the same one again changes nothing and gives the very same message back. */
export function withUpdate(message: Message, update: MessageUpdate): Message {
  if (message.updates.some(({ key }) => key === update.key)) return message;
  const [first, ...rest] = [...message.updates, update];
  return { ...message, updates: first === undefined ? [] : [first, ...rest.slice(1 - MOST_UPDATES)] };
}

/** Whether people chose by the checkbox to be written to about such a message (autopatch.md §4.5). */
export function isReleaseMail(kind: MessageKind): boolean {
  return kind === MessageKind.release || kind === MessageKind.outOfBand;
}
