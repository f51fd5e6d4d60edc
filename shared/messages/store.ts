import { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type Message, type MessageHead, type MessageUpdate, messageSchema, withUpdate } from "./message.js";

const PARTITION = "message";

/** All messages, the one whose newest update is the latest first. */
export async function listMessages(): Promise<Message[]> {
  const found: Message[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found.sort((a, b) => updatedAt(b) - updatedAt(a) || (a.id < b.id ? -1 : 1));
}

/** When something was last told, ms. */
export function updatedAt({ updates }: Message): number {
  return Math.max(0, ...updates.map(({ at }) => at));
}

/** Throws `not_found`. */
export async function readMessage(id: string): Promise<Message> {
  const found = await findMessage(id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no message ${id}. GET /api/v1/messages lists them.`, {
    field: "messageId",
  });
}

export async function findMessage(id: string): Promise<Message | undefined> {
  return (await (await store()).get(PARTITION, id))?.body;
}

/** Adds an update to a message, which begins with it if it is the first. The same update again changes nothing. */
export function publish(head: MessageHead, update: MessageUpdate): Promise<Message> {
  const retry = (error: AppError) => error.retryable || error.code === "conflict" || error.code === "not_found";
  return withBackoff({ ...STORAGE_BACKOFF, tries: 10, retry, seed: head.id }, async () => {
    const messages = await store();
    const before = await messages.get(PARTITION, head.id);
    const after = withUpdate(before?.body ?? { ...head, updates: [] }, update);
    if (before === undefined) await messages.insert(PARTITION, head.id, after);
    else if (after !== before.body) await messages.put(PARTITION, head.id, after, before.etag);
    return after;
  });
}

async function store(): Promise<Documents<Message>> {
  return documents(await table("Messages"), messageSchema);
}
