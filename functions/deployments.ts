import * as df from "durable-functions";
import { hasDeploymentWork } from "../shared/deployments/watch.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { DEPLOYMENTS_WATCH } from "../workflows/names.js";

/** Every hour, where deployments run or are still on their way: their state, their rules, and wakes that were lost. */
df.app.client.timer("deploymentsHourly", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client) => {
    if (!isActive(await tenantState()) || !(await hasDeploymentWork())) return;
    await startOnce(client as df.DurableClient, DEPLOYMENTS_WATCH, "deployments-watch", {});
  },
});
