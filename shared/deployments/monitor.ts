import { SERVICE } from "../access/roles.js";
import type { ManagedDevice } from "../graph/inventory.js";
import { percentOf, reaches } from "../slo/percent.js";
import { parseBuild } from "../updates/build.js";
import { type Deployment, decided, Reason } from "./deployment.js";
import { offeredOf } from "./offers.js";
import { isOutdated } from "./state.js";
import type { Outcomes } from "./store.js";

/** Alerts that a deployment keeps. */
const MOST_ALERTS = 20;

/** What a deployment can alert people of. */
export const Alert = {
  rollbackThreshold: "rollbackThreshold",
  contentExpired: "contentExpired",
  deletedInTenant: "deletedInTenant",
} as const;
export type Alert = (typeof Alert)[keyof typeof Alert];

/**
 * Which devices have reached the version of a feature update, and which were there and are below it again: they rolled
 * back. One that reaches it anew counts as installed.
 * @param devices those that the deployment reaches
 */
export function outcomesNow(
  { content }: Pick<Deployment, "content">,
  devices: readonly string[],
  managed: ReadonlyMap<string, Pick<ManagedDevice, "osVersion">>,
  before: Outcomes,
): Outcomes {
  const target = Number(content.builds[0]);
  const hadIt = new Set([...before.installed, ...before.rolledBack]);
  const installed: string[] = [];
  const rolledBack: string[] = [];
  for (const id of devices) {
    const build = parseBuild(managed.get(id)?.osVersion ?? "");
    if (build !== undefined && build.major >= target) installed.push(id);
    else if (hadIt.has(id)) rolledBack.push(id);
  }
  return { installed, rolledBack };
}

/**
 * Judges the rollback rule: rollbacks at or above its percentage of the devices offered so far alert people, or pause the
 * deployment (autopatch.md §5.12). @param now ms
 */
export function monitored(deployment: Deployment, { rolledBack }: Outcomes, now: number): Deployment {
  const { settings, paused } = deployment;
  const { rule } = settings;
  if (rule?.signal !== "rollback") return deployment;
  const offered = Math.max(offeredOf(deployment, now), rolledBack.length);
  const measured = { at: now, offered, rolledBack: rolledBack.length };
  const threshold = rule.threshold ?? 100;
  if (!reaches(rolledBack.length, offered, threshold)) return { ...deployment, measured };
  const percent = percentOf(rolledBack.length, offered);
  const message = `${rolledBack.length} of ${offered} devices rolled back (${percent} %, threshold ${threshold} %).`;
  const known = deployment.measured?.rolledBack === rolledBack.length;
  const alerted = known ? deployment : withAlert(deployment, Alert.rollbackThreshold, message, now);
  if (rule.action !== "pauseDeployment" || paused !== null) return { ...alerted, measured };
  const because = {
    reason: Reason.pausedByMonitoring,
    at: now,
    by: { id: SERVICE.id, name: SERVICE.name },
    justification: message,
  };
  return decided({ ...alerted, measured }, { paused: because });
}

/** Says once that the content cannot be deployed any more. @param now ms */
export function outdated(deployment: Deployment, now: number): Deployment {
  const isKnown = deployment.alerts.some(({ alert }) => alert === Alert.contentExpired);
  if (isKnown || !isOutdated(deployment, now)) return deployment;
  const message = `${deployment.content.name} cannot be deployed any more: devices that have not taken it get nothing.`;
  return withAlert(deployment, Alert.contentExpired, message, now);
}

export function withAlert(deployment: Deployment, alert: Alert, message: string, at: number): Deployment {
  return { ...deployment, alerts: [{ at, alert, message }, ...deployment.alerts].slice(0, MOST_ALERTS) };
}
