import type { Actor } from "../access/roles.js";
import { reaches } from "../slo/percent.js";
import { type Carried, type Deployment, decided, isLive, Phase, Reason } from "./deployment.js";
import type { RuleForm, SettingsForm } from "./form.js";
import { heldBack } from "./offers.js";
import { refused } from "./refusals.js";
import { ruleOf, scheduleOf } from "./rules.js";
import { EffectiveValue, isOutdated, stateOf } from "./state.js";

/** Who decided, when (ms) and why. */
export interface Because {
  readonly by: Pick<Actor, "id" | "name">;
  readonly at: number;
  readonly justification: string | null;
}

/** Pauses a deployment: nobody more is offered its content. Throws for one that is paused by request, or over. */
export function pause(deployment: Deployment, { by, at, justification }: Because): Deployment {
  checkLive(deployment);
  if (deployment.paused?.reason === Reason.pausedByRequest) {
    throw refused("alreadyPaused", "deploymentId", `deployment ${deployment.id} is paused; resume it, or leave it so`);
  }
  const paused = { reason: Reason.pausedByRequest, at, by: { id: by.id, name: by.name }, justification };
  return decided(deployment, { paused });
}

/**
 * Resumes a deployment that was paused by request, here or in the tenant. What monitoring paused goes on once its rule is
 * raised or removed (autopatch.md §5.12).
 */
export function resume(deployment: Deployment, now: number): Deployment {
  checkLive(deployment);
  const { effectiveValue, reasons } = stateOf(deployment, now);
  if (isOutdated(deployment, now)) {
    const message = `${deployment.content.name} cannot be deployed any more; end deployment ${deployment.id}`;
    throw refused("contentExpired", "deploymentId", message);
  }
  if (reasons.includes(Reason.pausedByMonitoring)) {
    const message = `deployment ${deployment.id} is paused by monitoring; raise the threshold of its rule, or remove the rule`;
    throw refused("pausedByMonitoring", "deploymentId", message);
  }
  if (effectiveValue !== EffectiveValue.paused) {
    throw refused("notPaused", "deploymentId", `deployment ${deployment.id} is ${effectiveValue}, not paused`);
  }
  return decided(deployment, { ...unpaused(deployment, now), observed: null });
}

/** Gives a deployment its monitoring rule. Throws where it has one: only one is active. */
export function addRule(deployment: Deployment, form: RuleForm, now: number): Deployment {
  checkLive(deployment);
  if (deployment.settings.rule !== null) {
    const message = `deployment ${deployment.id} has a rule, and only one is active; change it with PUT, or remove it`;
    throw refused("oneActiveRule", "monitoringRule", message);
  }
  return withRule(deployment, ruleOf(form, ofContent(deployment)), now);
}

/** Changes the monitoring rule; a threshold above what was measured resumes what it paused. */
export function changeRule(deployment: Deployment, form: RuleForm, now: number): Deployment {
  checkLive(deployment);
  if (deployment.settings.rule === null) throw noRule(deployment);
  return withRule(deployment, ruleOf(form, ofContent(deployment)), now);
}

/** Removes the monitoring rule, which resumes what it paused. */
export function removeRule(deployment: Deployment, now: number): Deployment {
  checkLive(deployment);
  if (deployment.settings.rule === null) throw noRule(deployment);
  return withRule(deployment, null, now);
}

/** Changes schedule, safeguards and whether it is optional. The rollout of one that began goes on from its start. */
export function changeSettings(deployment: Deployment, form: SettingsForm, now: number): Deployment {
  checkLive(deployment);
  const { settings, category } = deployment;
  if (category !== "feature" && (form.safeguards !== undefined || form.offerAsOptional !== undefined)) {
    const field = form.safeguards === undefined ? "offerAsOptional" : "safeguards";
    throw refused("featureOnly", field, `only feature updates have it, and this is a ${category} update`, { category });
  }
  const scheduled = { content: ofContent(deployment), devices: deployment.devices, now, startedAt: settings.startAt };
  const schedule = form.schedule === undefined ? settings : scheduleOf(form.schedule, scheduled);
  return decided(deployment, {
    // A new start has had no pause yet.
    pausedMs: schedule.startAt === settings.startAt ? deployment.pausedMs : 0,
    settings: {
      ...settings,
      ...{ startAt: schedule.startAt, rollout: schedule.rollout },
      ...(form.safeguards === undefined ? {} : { ignoresLikelyIssues: !form.safeguards.likelyIssues }),
      ...(form.offerAsOptional === undefined ? {} : { offerAsOptional: form.offerAsOptional }),
    },
  });
}

/** Ends a deployment or policy: what it made in the tenant goes, what devices have taken stays. */
export function end<T extends Carried>(record: T): T {
  return isLive(record) ? { ...decided(record, {}), phase: Phase.ending } : record;
}

/** Throws for one that is over. */
export function checkLive(record: Pick<Deployment, "id" | "phase" | "name">): void {
  if (isLive(record)) return;
  throw refused("ended", "id", `${record.name} (${record.id}) has ended, and stays only as history`);
}

function withRule(deployment: Deployment, rule: Deployment["settings"]["rule"], now: number): Deployment {
  const { settings, paused, measured } = deployment;
  const stillTrips =
    rule?.action === "pauseDeployment" &&
    measured !== null &&
    reaches(measured.rolledBack, measured.offered, rule.threshold ?? 100);
  const resumes = paused?.reason === Reason.pausedByMonitoring && !stillTrips;
  return decided(deployment, {
    settings: { ...settings, rule },
    // What Windows Update itself paused is read again once it knows the rule.
    ...(resumes ? unpaused(deployment, now) : {}),
    observed: null,
  });
}

/** What ends a pause. */
function unpaused(deployment: Deployment, now: number) {
  return { paused: null, pausedMs: deployment.pausedMs + heldBack(deployment, now) };
}

function noRule({ id }: Deployment) {
  return refused("noRule", "monitoringRule", `deployment ${id} has no monitoring rule; add one with POST`);
}

function ofContent({ category, content }: Deployment) {
  return { category, name: content.name, deployableUntil: content.deployableUntil };
}
