import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { AppError } from "../shared/errors.js";
import { lookAtPolicies } from "../workflows/activities/policy-health.js";
import { startOnce } from "../workflows/client.js";
import { POLICY_HEALTH } from "../workflows/names.js";

/**
 * Every four hours, so that drift shows within four hours (row 99). An orchestration follows only when something is to
 * be done, or when Graph was busy and has to be asked again later.
 */
df.app.client.timer("policyHealth", {
  schedule: "0 20 */4 * * *",
  handler: async (_timer, client, context) => {
    if (await isDone((problem) => context.log(`policy health: ${problem}`))) return;
    await startOnce(client as df.DurableClient, POLICY_HEALTH, "policy-health", {});
  },
});

async function isDone(log: (problem: string) => void): Promise<boolean> {
  try {
    const { groupsToRestore, alertsToRepair } = await lookAtPolicies(clock.now());
    return groupsToRestore.length === 0 && alertsToRepair.length === 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log(error.message);
    return !error.retryable;
  }
}
