import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { jsonOf } from "../shared/signals/intake.js";
import { attemptDelivery, attemptRef } from "../shared/webhooks/outbound/deliver.js";
import { WEBHOOKS_OUT_QUEUE } from "../shared/webhooks/outbound/deliveries.js";

/** Deliveries to outgoing webhooks, one attempt each; the next one is queued for later. */
app.serviceBusQueue("webhooksOut", {
  connection: "ServiceBus",
  queueName: WEBHOOKS_OUT_QUEUE,
  handler: (message) => attemptDelivery(attemptRef.parse(jsonOf(message)), clock.now()),
});
