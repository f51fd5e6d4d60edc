import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { Category } from "../graph/deployments/content.js";
import { findDeployment, type GraphDeployment, listDeployments } from "../graph/deployments/deployments.js";
import type { Graph } from "../graph/graph.js";
import { listManagedDevices, type ManagedDevice } from "../graph/inventory.js";
import { inTurn } from "../in-turn.js";
import type { CarriedRef } from "./bring.js";
import { end } from "./commands.js";
import { type Deployment, Phase } from "./deployment.js";
import { Alert, monitored, outcomesNow, outdated, withAlert } from "./monitor.js";
import { change, list, listCarried, readAudience, readOutcomes, writeOutcomes } from "./store.js";
import { reached } from "./targets.js";

/** Whether anything has to be watched or carried out. */
export async function hasDeploymentWork(): Promise<boolean> {
  return (await listCarried()).some((record) => record.pending || isWatched(record));
}

/** What is still to be carried out. */
export async function pendingWork(): Promise<CarriedRef[]> {
  return (await listCarried()).flatMap(({ kind, id, pending }) => (pending ? { kind, id } : []));
}

/**
 * Looks at every running deployment: what Windows Update says of it, whether its rule trips, whether its content has
 * expired, whether somebody deleted it in the tenant. What keeps one from being looked at keeps no other.
 * @param now ms
 */
export async function watchDeployments(graph: Graph, now: number): Promise<void> {
  const running = (await list("deployment")).filter(isWatched);
  // The inventory is large, and only rollbacks need it.
  const managed = running.some(measures) ? await listManagedDevices(graph) : new Map<string, ManagedDevice>();
  await inTurn(running.map((deployment) => () => look(graph, deployment, managed, now)));
}

async function look(
  graph: Graph,
  deployment: Deployment,
  managed: ReadonlyMap<string, ManagedDevice>,
  now: number,
): Promise<void> {
  const { id } = deployment;
  const seen = await seenIn(graph, deployment);
  const outcomes = measures(deployment) ? await measuredOf(deployment, managed) : undefined;
  if (outcomes !== undefined) await writeOutcomes(id, outcomes);
  let before = deployment;
  const after = await change("deployment", id, (present) => {
    before = present;
    // Something decided meanwhile is on its way; the next look sees it there.
    if (present.pending || present.phase !== Phase.active) return present;
    if (seen === undefined) return deletedInTenant(present, now);
    const observed = seen === null ? present : { ...present, observed: observedIn(seen, now) };
    return outdated(outcomes === undefined ? observed : monitored(observed, outcomes, now), now);
  });
  await noteNews(before, after, now);
}

/** What Windows Update says of it; null: nothing, for a driver has its deployment only while it is approved. */
async function seenIn(graph: Graph, deployment: Deployment): Promise<GraphDeployment | undefined | null> {
  const { category, graphId, audience, content } = deployment;
  if (category !== Category.driver) return findDeployment(graph, graphId ?? "");
  const made = await listDeployments(graph, audience.id ?? "");
  return made.findLast(({ content: { catalogEntry } }) => catalogEntry.id === content.catalogEntryId) ?? null;
}

function observedIn({ state: { effectiveValue, reasons } }: GraphDeployment, at: number) {
  return { at, effectiveValue, reasons };
}

async function measuredOf(deployment: Deployment, managed: ReadonlyMap<string, ManagedDevice>) {
  const devices = reached(await readAudience("deployment", deployment.id));
  return outcomesNow(deployment, devices, managed, await readOutcomes(deployment.id));
}

/** It is not made again behind the back of who deleted it; what else belongs to it goes. */
function deletedInTenant(deployment: Deployment, now: number): Deployment {
  const message = "Somebody deleted the deployment in the tenant; the rest of it is taken away.";
  return end(withAlert(deployment, Alert.deletedInTenant, message, now));
}

async function noteNews(before: Deployment, after: Deployment, at: number): Promise<void> {
  const entry = { at, actor: SERVICE, target: `deployment/${after.id}` };
  for (const { alert, message } of after.alerts.filter((each) => !before.alerts.includes(each))) {
    await audit({ ...entry, action: "deployment.alert", evidence: { alert, message }, key: `${after.id} ${alert}` });
  }
  if (before.paused !== null || after.paused === null) return;
  const evidence = { reason: after.paused.reason, measured: after.measured };
  await audit({ ...entry, action: "deployment.pause", evidence, key: after.id });
}

function isWatched({ phase }: { readonly phase: Phase }): boolean {
  return phase === Phase.active;
}

function measures({ settings }: Deployment): boolean {
  return settings.rule?.signal === "rollback";
}
