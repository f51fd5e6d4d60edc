import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { lookAtLifecycle } from "../shared/feature-devices/lifecycle.js";
import { graphClient } from "../shared/graph/client.js";
import { hasOptOutWork } from "../shared/safeguard-holds/opt-outs.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { SAFEGUARD_OPT_OUTS } from "../workflows/names.js";

/**
 * Every day, after discovery: who has taken a feature update is opted out of safeguards no more, and versions whose
 * support ends are told of (autopatch.md §6.4, §12).
 */
df.app.client.timer("featureDevicesDaily", {
  schedule: "0 10 5 * * *",
  handler: async (_timer, client) => {
    if (!isActive(await tenantState())) return;
    if (await hasOptOutWork())
      await startOnce(client as df.DurableClient, SAFEGUARD_OPT_OUTS, "safeguard-opt-outs", { daily: true });
    await lookAtLifecycle(graphClient(), clock.now());
  },
});
