import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { ledger } from "../shared/ledger/index.js";
import { onFolded } from "../shared/signals/on-folded.js";
import { receiveSignals, toBatch } from "../shared/signals/receive.js";
import { sendRejected } from "../shared/signals/rejected-queue.js";
import { SIGNALS_QUEUE } from "../shared/signals/signal.js";

/** Device signals, up to 1,000 at a time, into the ledger (design.md §3.1–3.2). */
app.serviceBusQueue("signals", {
  connection: "ServiceBus",
  queueName: SIGNALS_QUEUE,
  cardinality: "many",
  handler: async (messages, context) => {
    const batch = toBatch(messages, context.triggerMetadata);
    const result = await receiveSignals({ ledger: await ledger(), sendRejected, onFolded }, batch, clock.now());
    const { accepted, devicesChanged, rejected } = result;
    context.debug(`signals: ${accepted} accepted, ${devicesChanged} devices changed, ${rejected.length} rejected`);
  },
});
