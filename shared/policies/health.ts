import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import type { Graph } from "../graph/graph.js";
import { findServiceGroup, type HealthGroup } from "../graph/policies/service-groups.js";
import { readTenantObjects, type TenantObjects } from "../graph/policies/tenant-policies.js";
import { alertChanges, closeAlert, knownAlerts, openAlerts, type PolicyAlert, putAlert } from "./alerts.js";
import { knownBaselines, listBaselines } from "./baseline.js";
import { type Expectation, expectationOf } from "./expectation.js";
import { AlertKind, type Finding, findingsOf } from "./findings.js";

export interface HealthResult {
  /** All alerts that are open now. */
  readonly open: readonly PolicyAlert[];
  /** Autopatch groups of which a ring's directory group is missing. */
  readonly groupsToRestore: readonly string[];
}

/**
 * Compares the tenant with what should be there and keeps the alerts: one call for policies, directory groups and their
 * owners, and one more for every further hundred directory groups. While nothing is wrong, storage is neither read nor
 * written: what memory holds is confirmed by storage before an alert is opened or closed.
 */
export async function checkHealth(graph: Graph, now: number): Promise<HealthResult> {
  const remembered = expectationOf(await knownBaselines(now), now);
  const isCalm = (await knownAlerts(now)).length === 0;
  if (remembered.policies.length === 0 && isCalm) return { open: [], groupsToRestore: [] };
  const tenant = await readTenantObjects(graph);
  if (isCalm && (await compare(graph, remembered, tenant)).length === 0) return { open: [], groupsToRestore: [] };
  const expected = expectationOf(await listBaselines(), now);
  return keepAlerts(expected, await openAlerts(), await compare(graph, expected, tenant), now);
}

async function compare(graph: Graph, expected: Expectation, { policies, groups }: TenantObjects): Promise<Finding[]> {
  await findUnlisted(graph, expected, groups);
  return findingsOf(expected, policies, groups);
}

async function keepAlerts(
  expected: Expectation,
  open: readonly PolicyAlert[],
  findings: readonly Finding[],
  now: number,
): Promise<HealthResult> {
  const ids = [...expected.policies.map(({ policy }) => policy.tag), ...expected.groups.map(({ id }) => id)];
  const observed = { findings, expected: new Set(ids), inChange: expected.inChange };
  const { opened, changed, ended } = alertChanges(open, observed, now);
  for (const alert of [...opened, ...changed]) await putAlert(alert);
  for (const { alert, how } of ended) await closeAlert(alert, { at: now, how, requestedBy: null });
  for (const alert of opened) await note("policyAlert.open", alert, now);
  for (const { alert } of ended) await note("policyAlert.close", alert, now);
  const missing = findings.filter(({ kind }) => kind === AlertKind.missingGroup);
  return { open: stillOpen(open, opened, changed, ended), groupsToRestore: groupsOf(missing, expected) };
}

/** The directory group of all devices is restored with any Autopatch group. */
function groupsOf(missing: readonly { groupId: string | null }[], { groups }: Expectation): string[] {
  const anyGroup = groups.find(({ groupId }) => groupId !== null)?.groupId;
  return [...new Set(missing.flatMap(({ groupId }) => groupId ?? anyGroup ?? []))];
}

/** Somebody may have changed what groups are listed by, so that one which seems missing is asked for by its id. */
async function findUnlisted(graph: Graph, { groups }: Expectation, listed: Map<string, HealthGroup>): Promise<void> {
  for (const { entraGroupId } of groups.filter((group) => !listed.has(group.entraGroupId))) {
    const found = await findServiceGroup(graph, entraGroupId);
    if (found !== undefined) listed.set(entraGroupId, found);
  }
}

function stillOpen(
  before: readonly PolicyAlert[],
  opened: readonly PolicyAlert[],
  changed: readonly PolicyAlert[],
  ended: readonly { readonly alert: PolicyAlert }[],
): PolicyAlert[] {
  const gone = new Set([...ended.map(({ alert }) => alert.id), ...changed.map(({ id }) => id)]);
  return [...before.filter(({ id }) => !gone.has(id)), ...changed, ...opened];
}

function note(action: string, { id, kind, name, details }: PolicyAlert, at: number): Promise<void> {
  const target = `policy-alert/${id}`;
  return audit({ at, actor: SERVICE, action, target, evidence: { kind, name, details }, key: id });
}
