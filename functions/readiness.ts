import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { foldReports } from "../shared/readiness/fold.js";
import { READINESS_QUEUE, readReport } from "../shared/readiness/report.js";
import { toBatch } from "../shared/signals/receive.js";
import { sendRejected } from "../shared/signals/rejected-queue.js";
import { isServed, tenantState } from "../shared/tenant/state.js";

/** What the agents' readiness checks found, into the register of devices (autopatch.md §3.7). */
app.serviceBusQueue("readiness", {
  connection: "ServiceBus",
  queueName: READINESS_QUEUE,
  cardinality: "many",
  handler: async (messages, context) => {
    // After a tenant has left, nothing about its devices is kept any more.
    if (!isServed(await tenantState())) return;
    const now = clock.now();
    const intake = toBatch(messages, context.triggerMetadata).map((message) => readReport(message, now));
    const rejections = intake.flatMap((each) => ("rejection" in each ? [each.rejection] : []));
    const reports = intake.flatMap((each) => ("report" in each ? [each.report] : []));
    const folded = await foldReports(reports, now);
    await sendRejected(rejections);
    context.debug(`readiness: ${reports.length} reports, ${folded} of known devices, ${rejections.length} rejected`);
  },
});
