import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { findServiceGroup, isInOrder, resetGroup } from "../graph/policies/service-groups.js";
import { readTenantPolicies } from "../graph/policies/tenant-policies.js";
import { notYet } from "../graph/settle.js";
import { Closing, closeAlert, findAlert, type PolicyAlert } from "./alerts.js";
import { listBaselines } from "./baseline.js";
import { ensureIn } from "./ensure.js";
import { expectationOf } from "./expectation.js";
import { AlertKind } from "./findings.js";

/** What a person may have done about an alert (autopatch.md §10.2). */
export const Remedy = {
  /** "Restore policy": makes again what is missing. */
  restore: "restore",
  /** "Submit changes": sets right what was changed. */
  submitChanges: "submitChanges",
} as const;
export type Remedy = (typeof Remedy)[keyof typeof Remedy];

/** Which remedy an alert takes. */
export function remedyFor({ kind }: Pick<PolicyAlert, "kind">): Remedy {
  return kind === AlertKind.missingPolicy || kind === AlertKind.missingGroup ? Remedy.restore : Remedy.submitChanges;
}

/** Throws `conflict` when the alert takes the other remedy. */
export function checkRemedy(alert: PolicyAlert, remedy: Remedy): void {
  const right = remedyFor(alert);
  if (right === remedy) return;
  const path = right === Remedy.restore ? "restore" : "submit-changes";
  const message = `Alert ${alert.id} is of the kind ${alert.kind}. POST /api/v1/policy-alerts/${alert.id}/${path} repairs it.`;
  throw new AppError("conflict", message, { details: { kind: alert.kind, remedy: right } });
}

/**
 * Repairs what an alert is about and closes it: update rings and quality and feature policies get the values that were
 * brought to the tenant last, all others the service's base values (autopatch.md §10.2). Every write names the service.
 * An alert that is closed already needs nothing.
 * @param requestedBy who asked; null when the service repairs by itself
 */
export async function repairAlert(
  graph: Graph,
  { alertId, requestedBy, at }: { alertId: string; requestedBy: string | null; at: number },
): Promise<void> {
  const alert = await findAlert(alertId);
  if (alert === undefined) return;
  const done = alert.policyKind === null ? await repairGroup(graph, alert) : await repairPolicy(graph, alert, at);
  const how = done ? Closing.repaired : Closing.obsolete;
  const { kind, name, details } = alert;
  const evidence = { kind, name, details, requestedBy };
  await audit({
    at,
    actor: SERVICE,
    action: "policyAlert.repair",
    target: `policy-alert/${alertId}`,
    evidence,
    key: alertId,
  });
  await closeAlert(alert, { at, how, requestedBy });
}

/** False when the service no longer keeps the policy. */
async function repairPolicy(graph: Graph, alert: PolicyAlert, at: number): Promise<boolean> {
  const { policies } = expectationOf(await listBaselines(), "all");
  const wanted = policies.find(({ policy }) => policy.tag === alert.id);
  if (wanted === undefined) return false;
  await ensureIn(graph, await readTenantPolicies(graph), wanted.policy, at);
  return true;
}

/** A group that is gone is made again by the provisioning of its Autopatch group, which closes its alert. */
async function repairGroup(graph: Graph, { id, entraGroupId, name }: PolicyAlert): Promise<boolean> {
  const { groups } = expectationOf(await listBaselines(), "all");
  const wanted = { displayName: name, owners: groups.find((group) => group.id === id)?.owners ?? null };
  const group = await findServiceGroup(graph, entraGroupId);
  if (group === undefined) throw notYet(`The directory group "${name}"`);
  await resetGroup(graph, group, wanted);
  const seen = await findServiceGroup(graph, entraGroupId);
  if (seen === undefined || !isInOrder(seen, wanted)) throw notYet(`The directory group "${name}"`);
  return true;
}
