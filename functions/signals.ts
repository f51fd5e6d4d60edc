import { app } from "@azure/functions";
import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { ledger } from "../shared/ledger/index.js";
import { sendAgain } from "../shared/signals/early.js";
import { receiveSignals, toBatch } from "../shared/signals/receive.js";
import { sendRejected } from "../shared/signals/rejected-queue.js";
import { SIGNALS_QUEUE } from "../shared/signals/signal.js";
import { wakeWhereNeeded } from "../workflows/watch.js";

/** Device signals, up to 1,000 at a time, into the ledger (design.md §3.1–3.2); what they change is told at once. */
app.serviceBusQueue("signals", {
  connection: "ServiceBus",
  queueName: SIGNALS_QUEUE,
  cardinality: "many",
  extraInputs: [df.input.durableClient()],
  handler: async (messages, context) => {
    const now = clock.now();
    const client = df.getClient(context);
    const batch = toBatch(messages, context.triggerMetadata);
    const onFolded = (folded: Parameters<typeof wakeWhereNeeded>[1]) => wakeWhereNeeded(client, folded, now);
    const result = await receiveSignals({ ledger: await ledger(), sendRejected, sendAgain, onFolded }, batch, now);
    const { accepted, devicesChanged, rejected } = result;
    context.debug(`signals: ${accepted} accepted, ${devicesChanged} devices changed, ${rejected.length} rejected`);
  },
});
