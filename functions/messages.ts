import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { MESSAGES_OUT_QUEUE } from "../shared/messages/dispatches.js";
import { lookAtCalendar } from "../shared/messages/schedule.js";
import { dispatchRef, sendDispatch } from "../shared/messages/send.js";
import { jsonOf } from "../shared/signals/intake.js";

/**
 * Every day at 18:10 UTC, 10:10 or 11:10 Pacific: the month's plan in time, its summary on the fourth Tuesday by Pacific
 * date (autopatch.md §11).
 */
app.timer("messagesDaily", {
  schedule: "0 10 18 * * *",
  handler: async (_timer, context) => {
    for (const told of await lookAtCalendar(clock.now())) context.log(`messages: ${told}`);
  },
});

/** Mails and notices in Teams, one by one. What is thrown comes again; what may have been sent does not. */
app.serviceBusQueue("messagesOut", {
  connection: "ServiceBus",
  queueName: MESSAGES_OUT_QUEUE,
  handler: (message) => sendDispatch(dispatchRef.parse(jsonOf(message)), clock.now()),
});
