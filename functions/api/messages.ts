import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { RESENDABLE } from "../../shared/messages/dispatch.js";
import { dispatchesOf, resendableOf, sendAgain } from "../../shared/messages/dispatches.js";
import { MessageKind } from "../../shared/messages/message.js";
import { listMessages, readMessage } from "../../shared/messages/store.js";
import { messageDetail, messageDetailSchema, messageView, messageViewSchema } from "../../shared/messages/view.js";
import { note } from "./note.js";
import { newestFirst, paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";

const MESSAGE = "messages/{messageId}";

const messagesQuery = z.strictObject({
  kind: z.enum(MessageKind).optional(),
});

export const messagesList = route({
  name: "messagesList",
  method: "GET",
  path: "messages",
  role: "Reader",
  act: "list messages",
  query: messagesQuery,
  page: true,
  answer: { about: "Messages, the latest news first.", schema: pageOf(messageViewSchema) },
  run: async (call) => {
    const { kind } = call.asked;
    const messages = (await listMessages()).filter((message) => kind === undefined || message.kind === kind);
    return json(paged(call, messages.map(messageView), ({ updatedAt, id }) => `${newestFirst(updatedAt)} ${id}`));
  },
});

export const messagesGet = route({
  name: "messagesGet",
  method: "GET",
  path: MESSAGE,
  role: "Reader",
  act: "read a message",
  answer: { about: "The message with its history, mails and notices", schema: messageDetailSchema },
  run: async (call) => {
    const message = await readMessage(param(call, "messageId"));
    return json(messageDetail(message, await dispatchesOf(message.id)));
  },
});

export const messagesSendAgain = route({
  name: "messagesSendAgain",
  method: "POST",
  path: `${MESSAGE}/send-again`,
  role: "Operator",
  act: "send the mails of a message again",
  tenant: "any",
  answer: { status: 202, about: "How many are sent again", schema: z.object({ queued: z.int() }) },
  run: async (call) => {
    const { id } = await readMessage(param(call, "messageId"));
    const again = await resendableOf(id);
    if (again.length === 0) {
      const statuses = RESENDABLE.join(" or ");
      throw new AppError("conflict", `Nothing of the message ${id} is ${statuses}, so there is nothing to send again.`);
    }
    const at = clock.now();
    const evidence = { dispatches: again.map((dispatch) => dispatch.id) };
    await note(call.actor, "message.sendAgain", `message/${id}`, { at, evidence });
    await sendAgain(again, at);
    return json({ queued: again.length }, 202);
  },
});
