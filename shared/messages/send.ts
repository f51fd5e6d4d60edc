import { z } from "zod";
import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { tenantManagementGraph } from "../graph/client.js";
import type { Document, Documents } from "../store/documents.js";
import { postToWorkflow } from "../teams/workflow-webhook.js";
import { listContacts } from "../tenant/contacts.js";
import { cardOf } from "./card.js";
import { type Dispatch, DispatchStatus } from "./dispatch.js";
import { dispatchStore, queue } from "./dispatches.js";
import { mailOf, sendMail } from "./mail.js";
import { findMessage } from "./store.js";

export const dispatchRef = z.object({ messageId: z.string(), id: z.string() });

/** Times that sending may begin before it is given up. */
const MOST_ATTEMPTS = 12;
/** First wait after a refusal that asks for patience, and the longest, ms; it doubles. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 4 * 3_600_000;

type End = Pick<Dispatch, "status"> & { readonly reason?: string; readonly retryAfterMs?: number };

/**
 * Sends a dispatch once. Mail and Teams know no idempotency keys (graph.md §6.2): that it is being sent is written
 * before, and that it was sent after. Found again in between, or when the answer is lost, it is `uncertain` and nobody
 * sends it again but a person (`POST messages/{id}/send-again`): a mail too many from a service that pauses updates
 * costs more trust than one that stands in the API alone. What was surely not accepted is sent again later.
 * @param now domain time, ms
 * @throws AppError retryable when storage or the queue stays away
 */
export async function sendDispatch({ messageId, id }: z.infer<typeof dispatchRef>, now: number): Promise<void> {
  const store = await dispatchStore();
  const found = await store.get(messageId, id);
  if (found === undefined) return;
  if (found.body.status === DispatchStatus.sending) {
    return conclude(store, found.body, { status: "uncertain", reason: "Sending was interrupted." }, now);
  }
  if (found.body.status !== DispatchStatus.queued) return;
  const claimed = await claim(store, found, now);
  if (claimed === undefined) return;
  const end = await attempt(claimed);
  const { retryAfterMs } = end;
  await conclude(store, claimed, end, now);
  if (retryAfterMs !== undefined) await queue([{ ...claimed, status: "queued" }], now + retryAfterMs);
}

/** Only one of several that want to send it may. */
async function claim(store: Documents<Dispatch>, { body, etag }: Document<Dispatch>, now: number) {
  const claimed: Dispatch = { ...body, status: "sending", attempts: body.attempts + 1, at: now };
  try {
    await store.put(body.messageId, body.id, claimed, etag);
    return claimed;
  } catch (error) {
    if (error instanceof AppError && (error.code === "conflict" || error.code === "not_found")) return undefined;
    throw error;
  }
}

async function attempt(dispatch: Dispatch): Promise<End> {
  try {
    return await transmit(dispatch);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof AppError) || !error.retryable) return { status: "failed", reason };
    if (!surelyRefused(error)) return { status: "uncertain", reason };
    if (dispatch.attempts >= MOST_ATTEMPTS) return { status: "failed", reason };
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (dispatch.attempts - 1));
    const asked = (error.retryAfterSeconds ?? 0) * 1000;
    return { status: "queued", reason, retryAfterMs: Math.max(wait, asked) };
  }
}

/** Throttled, or never sent at all: Graph answers 429, sometimes 503, before it takes anything (graph.md §3.4). */
function surelyRefused({ code, details }: AppError): boolean {
  return code === "throttled" || details?.status === 503 || details?.unsent === true;
}

async function transmit({ messageId, updateKey, channel, contactId }: Dispatch): Promise<End> {
  const message = await findMessage(messageId);
  const update = message?.updates.find(({ key }) => key === updateKey);
  if (message === undefined || update === undefined) return { status: "dropped", reason: "The message is gone." };
  const { MAIL_SENDER: sender, TEAMS_WORKFLOW_URL } = config();
  if (channel === "teams") {
    if (TEAMS_WORKFLOW_URL === undefined) return { status: "dropped", reason: "TEAMS_WORKFLOW_URL is not set." };
    await postToWorkflow(cardOf(message, update));
    return { status: "sent" };
  }
  const contact = (await listContacts()).find((each) => each.id === contactId);
  if (sender === undefined || contact === undefined) {
    return { status: "dropped", reason: contact === undefined ? "The contact is gone." : "MAIL_SENDER is not set." };
  }
  // Also while the tenant is Inactive: that it is, is what people have to know.
  await sendMail(tenantManagementGraph(), sender, contact, mailOf(message, update, contact));
  return { status: "sent" };
}

/** Whoever has sent it says so, whatever others have written meanwhile. */
async function conclude(store: Documents<Dispatch>, dispatch: Dispatch, end: End, now: number): Promise<void> {
  const { status, reason = null } = end;
  const after: Dispatch = { ...dispatch, status, reason, at: now };
  const { id, messageId, channel, contactId, attempts } = after;
  const evidence = { channel, contactId, attempts, ...(reason === null ? {} : { reason }) };
  // Not found again by its key after a crash: then sending was interrupted, and that is what is written.
  const action = `message.${status}`;
  if (status !== "queued") {
    await audit({
      at: now,
      actor: SERVICE,
      action,
      target: `message/${messageId}`,
      key: `${id} ${attempts}`,
      evidence,
    });
  }
  await store.put(messageId, id, after);
}
