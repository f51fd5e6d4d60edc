import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { graphClient } from "../shared/graph/client.js";
import { lookAtVbs } from "../shared/hotpatch/vbs.js";
import { isServed, tenantState } from "../shared/tenant/state.js";

/** Every day, after discovery: what eligibility for hotpatches needs and Intune's lists do not have (graph.md §2.6). */
app.timer("hotpatchDaily", {
  schedule: "0 50 4 * * *",
  handler: async (_timer, context) => {
    if (!isServed(await tenantState())) return;
    const read = await lookAtVbs(graphClient(), clock.now());
    if (read > 0) context.log(`hotpatch: virtualization-based security of ${read} devices was read`);
  },
});
