import * as df from "durable-functions";
import { hasFeatureWork } from "../shared/feature-releases/automation.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { FEATURE_RELEASES } from "../workflows/names.js";

/** The service's automation of feature updates runs at 04:00 and 16:00 UTC (autopatch.md §6.2, row 76). */
df.app.client.timer("featureReleasesAutomation", {
  schedule: "0 0 4,16 * * *",
  handler: async (_timer, client) => {
    if (!isActive(await tenantState()) || !(await hasFeatureWork())) return;
    await startOnce(client as df.DurableClient, FEATURE_RELEASES, "feature-releases", { automation: true });
  },
});
