import { app } from "@azure/functions";
import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { deidentifyOldAssessments } from "../shared/tenant/assessments.js";
import { checkTenant } from "../shared/tenant/check.js";
import { followUp } from "../workflows/tenant-client.js";

/** Every four hours: whether licences and consent are still there; and what was begun and lost is taken up again. */
df.app.client.timer("tenantCheckup", {
  schedule: "0 10 */4 * * *",
  handler: async (_timer, client) => followUp(client as df.DurableClient, await checkTenant(clock.now())),
});

/** Every day: what the readiness assessment found 12 months ago is de-identified. */
app.timer("assessmentRetention", {
  schedule: "0 40 2 * * *",
  handler: async (_timer, context) => {
    const count = await deidentifyOldAssessments(clock.now());
    if (count > 0) context.log(`assessmentRetention: ${count} assessments are de-identified`);
  },
});
