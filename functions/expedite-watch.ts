import { app } from "@azure/functions";
import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { config } from "../shared/config.js";
import { lookAtVulnerabilities } from "../shared/expedites/look.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { rouseExpedite } from "../workflows/activities/expedite.js";

/** Every six hours, with the hourly look at the catalogue: what the MSRC and CISA say of vulnerabilities, and the expedites that this makes urgent. */
app.timer("expediteWatch", {
  schedule: "0 30 */6 * * *",
  extraInputs: [df.input.durableClient()],
  handler: async (_timer, context) => {
    if (config().EXPEDITE_WATCH === "off" || !isActive(await tenantState())) return;
    const { requested, failures } = await lookAtVulnerabilities(clock.now());
    for (const failure of failures) context.warn(failure);
    for (const id of requested) await rouseExpedite(df.getClient(context), id);
  },
});
