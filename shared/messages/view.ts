import { z } from "zod";
import { FocusArea } from "../tenant/contacts.js";
import { Channel, type Dispatch, DispatchStatus } from "./dispatch.js";
import { type Message, MessageEvent, MessageKind } from "./message.js";
import { updatedAt } from "./store.js";

const updateView = z.object({
  key: z.string(),
  at: z.iso.datetime(),
  event: z.enum(MessageEvent),
  text: z.string(),
  notify: z.boolean(),
});

/** A message in a list. */
export const messageViewSchema = z.object({
  id: z.string(),
  kind: z.enum(MessageKind),
  title: z.string(),
  areas: z.array(z.enum(FocusArea)),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  updates: z.array(updateView),
});

const dispatchView = z.object({
  id: z.string(),
  updateKey: z.string(),
  channel: z.enum(Channel),
  contactId: z.string().nullable(),
  status: z.enum(DispatchStatus),
  attempts: z.int(),
  at: z.iso.datetime(),
  reason: z.string().nullable(),
});

/** One message, with what became of its mails and notices. */
export const messageDetailSchema = messageViewSchema.extend({ dispatches: z.array(dispatchView) });

const iso = (at: number): string => new Date(at).toISOString();

/** A message as the API shows it; instants are ISO 8601 in UTC. */
export function messageView(message: Message): z.infer<typeof messageViewSchema> {
  const updates = message.updates.map((update) => ({ ...update, at: iso(update.at) }));
  return { ...message, createdAt: updates[0]?.at ?? iso(0), updatedAt: iso(updatedAt(message)), updates };
}

/** The same with its dispatches. */
export function messageDetail(message: Message, dispatches: readonly Dispatch[]): z.infer<typeof messageDetailSchema> {
  const shown = dispatches.map(({ messageId: _message, at, ...dispatch }) => ({ ...dispatch, at: iso(at) }));
  return { ...messageView(message), dispatches: shown };
}
