import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { config } from "../../shared/config.js";
import { graphClient } from "../../shared/graph/client.js";
import { refreshConflicts } from "../../shared/policies/conflicts/refresh.js";
import { AlertKind } from "../../shared/policies/findings.js";
import { checkHealth } from "../../shared/policies/health.js";
import { repairAlert } from "../../shared/policies/repair.js";
import { activity } from "../durable.js";
import { startProvisioning } from "../group-start.js";

export interface HealthWork {
  /** Autopatch groups of which a directory group is missing: made again without being asked (autopatch.md §10.2). */
  readonly groupsToRestore: readonly string[];
  /** Alerts to repair without being asked, as the setting POLICY_REPAIR says. */
  readonly alertsToRepair: readonly string[];
}

/** Compares the tenant with what should be there, keeps the alerts, and says what is to be done without being asked. */
export async function lookAtPolicies(now: number): Promise<HealthWork> {
  const { open, groupsToRestore } = await checkHealth(graphClient(), now);
  const repairs = config().POLICY_REPAIR === "automatic" ? open : [];
  const alertsToRepair = repairs.filter(({ kind }) => kind !== AlertKind.missingGroup).map(({ id }) => id);
  return { groupsToRestore, alertsToRepair };
}

/** Finds anew where policies of others say otherwise than those of the service. */
export const refreshPolicyConflicts = activity({
  name: "refreshPolicyConflicts",
  input: z.object({}),
  run: (_input, { at }) => refreshConflicts(graphClient(), at),
});

export const checkPolicyHealth = activity({
  name: "checkPolicyHealth",
  input: z.object({}),
  run: (_input, { at }) => lookAtPolicies(at),
});

/** Has the provisioning of an Autopatch group make its directory groups and policies anew. */
export const restoreGroup = activity({
  name: "restoreGroup",
  input: z.object({ groupId: z.string() }),
  run: async ({ groupId }, { at, client }) => {
    const entry = { at, actor: SERVICE, action: "group.directory.restore", target: `group/${groupId}`, key: groupId };
    await audit(entry);
    await startProvisioning(client as df.DurableClient, groupId, `restored-${at}`);
  },
});

const repairInput = z.object({
  alertId: z.string().min(1),
  /** Name of the person who asked; null when nobody did. */
  requestedBy: z.string().nullable(),
});

export const repairPolicyAlert = activity({
  name: "repairPolicyAlert",
  input: repairInput,
  run: (repair, { at }) => repairAlert(graphClient(), { ...repair, at }),
});

/** Puts into the audit log what keeps a policy from being repaired; its alert stays open. */
export const noteRepairProblem = activity({
  name: "noteRepairProblem",
  input: repairInput.extend({ problem: z.string() }),
  run: async ({ alertId, requestedBy, problem }, { at }) => {
    const evidence = { problem, requestedBy };
    const target = `policy-alert/${alertId}`;
    await audit({ at, actor: SERVICE, action: "policyAlert.repair.failed", target, evidence, key: alertId });
  },
});
