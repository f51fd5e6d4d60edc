import { AppError } from "../errors.js";
import { enqueue } from "../queues/send.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type Dispatch, DispatchStatus, dispatchSchema, RESENDABLE } from "./dispatch.js";

/** The queue of dispatches to send. */
export const MESSAGES_OUT_QUEUE = "messages-out";

/** Dispatches of a message. */
export async function dispatchesOf(messageId: string): Promise<Dispatch[]> {
  const found: Dispatch[] = [];
  for await (const { body } of (await dispatchStore()).all(messageId)) found.push(body);
  return found;
}

/**
 * Keeps new dispatches and has them sent. One that is there already is only sent again if nobody has begun to: its place
 * in the queue may have been lost.
 */
export async function sendAll(dispatches: readonly Dispatch[]): Promise<void> {
  const waiting: Dispatch[] = [];
  for (const dispatch of dispatches) {
    const present = await insert(dispatch);
    if (present.status === DispatchStatus.queued && present.attempts === 0) waiting.push(present);
  }
  await queue(waiting);
}

/** Those of a message's dispatches that may be sent again. */
export async function resendableOf(messageId: string): Promise<Dispatch[]> {
  return (await dispatchesOf(messageId)).filter(({ status }) => RESENDABLE.includes(status));
}

/** Has dispatches sent again; they may be sent again once more if the queue stays away. @param at ms of domain time */
export async function sendAgain(dispatches: readonly Dispatch[], at: number): Promise<void> {
  const store = await dispatchStore();
  const again: Dispatch[] = dispatches.map((dispatch) => ({ ...dispatch, status: DispatchStatus.queued, at }));
  for (const dispatch of again) await store.put(dispatch.messageId, dispatch.id, dispatch);
  await queue(again);
}

/** Puts dispatches into the queue. @param notBefore ms of domain time */
export async function queue(dispatches: readonly Dispatch[], notBefore?: number): Promise<void> {
  const items = dispatches.map(({ messageId, id, attempts, at }) => ({
    id: `${id} ${attempts} ${at}`,
    body: { messageId, id },
    ...(notBefore === undefined ? {} : { notBefore }),
  }));
  await enqueue(MESSAGES_OUT_QUEUE, items);
}

async function insert(dispatch: Dispatch): Promise<Dispatch> {
  const store = await dispatchStore();
  try {
    await store.insert(dispatch.messageId, dispatch.id, dispatch);
    return dispatch;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return (await store.get(dispatch.messageId, dispatch.id))?.body ?? dispatch;
  }
}

export async function dispatchStore(): Promise<Documents<Dispatch>> {
  return documents(await table("Dispatches"), dispatchSchema);
}
