import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { AppError } from "../shared/errors.js";
import { graphClient } from "../shared/graph/client.js";
import { refreshConflicts } from "../shared/policies/conflicts/refresh.js";
import { lookAtPolicies } from "../workflows/activities/policy-health.js";
import { startOnce } from "../workflows/client.js";
import { POLICY_CONFLICTS, POLICY_HEALTH } from "../workflows/names.js";

/**
 * Every four hours, so that drift shows within four hours (row 99). An orchestration follows only when something is to
 * be done, or when Graph was busy and has to be asked again later.
 */
df.app.client.timer("policyHealthWatch", {
  schedule: "0 20 */4 * * *",
  handler: async (_timer, client) => {
    const work = await unlessBusy(() => lookAtPolicies(clock.now()));
    const isDone = work !== BUSY && work.groupsToRestore.length === 0 && work.alertsToRepair.length === 0;
    if (!isDone) await startOnce(client as df.DurableClient, POLICY_HEALTH, "policy-health", {});
  },
});

/** The view of conflicts is refreshed every 24 h (autopatch.md §10.3). */
df.app.client.timer("policyConflictsDaily", {
  schedule: "0 50 2 * * *",
  handler: async (_timer, client) => {
    const changed = await unlessBusy(() => refreshConflicts(graphClient(), clock.now()));
    if (changed === BUSY) await startOnce(client as df.DurableClient, POLICY_CONFLICTS, "policy-conflicts", {});
  },
});

const BUSY = Symbol("Graph or storage was busy");

async function unlessBusy<T>(run: () => Promise<T>): Promise<T | typeof BUSY> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError && error.retryable) return BUSY;
    throw error;
  }
}
