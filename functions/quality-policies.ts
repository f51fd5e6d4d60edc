import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { hasQualityPolicyWork, Scope } from "../shared/quality-policies/apply.js";
import { isActive, tenantState } from "../shared/tenant/state.js";
import { startOnce } from "../workflows/client.js";
import { QUALITY_POLICIES } from "../workflows/names.js";

/** Hours (UTC) at which policies in the tenant are also put right; in between only what is due is brought there. */
const REPAIR_HOURS = 4;

/** Every hour: approvals whose day has come, days of grace that are over, and what did not get through. */
df.app.client.timer("qualityPoliciesHourly", {
  schedule: "0 10 * * * *",
  handler: async (_timer, client) => {
    if (!isActive(await tenantState())) return;
    const now = clock.now();
    const scope = new Date(now).getUTCHours() % REPAIR_HOURS === 0 ? Scope.all : Scope.due;
    if (!(await hasQualityPolicyWork(now, scope))) return;
    await startOnce(client as df.DurableClient, QUALITY_POLICIES, "quality-policies", { scope });
  },
});
