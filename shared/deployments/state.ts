import { type Deployment, isLive, Reason } from "./deployment.js";

/** Where a deployment stands, by Graph's names (autopatch.md §5.12, graph.md §1.7). */
export const EffectiveValue = {
  scheduled: "scheduled",
  offering: "offering",
  paused: "paused",
  faulted: "faulted",
  archived: "archived",
} as const;
export type EffectiveValue = (typeof EffectiveValue)[keyof typeof EffectiveValue];

export interface DeploymentState {
  readonly effectiveValue: EffectiveValue;
  readonly requestedValue: "none" | "paused" | "archived";
  readonly reasons: readonly Reason[];
}

/** The state of a deployment at an instant (ms), with its reason. Windows Update's own pauses and faults count. */
export function stateOf(deployment: Deployment, now: number): DeploymentState {
  const { paused, settings, observed } = deployment;
  if (!isLive(deployment)) return { effectiveValue: "archived", requestedValue: "archived", reasons: [] };
  const requestedValue = paused === null ? "none" : "paused";
  if (isOutdated(deployment, now) || observed?.effectiveValue === "faulted") {
    return { effectiveValue: "faulted", requestedValue, reasons: [Reason.faultedByContentOutdated] };
  }
  const reason = paused?.reason ?? pausedThere(deployment);
  if (reason !== undefined) return { effectiveValue: "paused", requestedValue, reasons: [reason] };
  const isScheduled = settings.startAt !== null && settings.startAt > now;
  return isScheduled
    ? { effectiveValue: "scheduled", requestedValue, reasons: [Reason.scheduledByOfferWindow] }
    : { effectiveValue: "offering", requestedValue, reasons: [Reason.offeringByRequest] };
}

/** Whether its content cannot be deployed any more. */
export function isOutdated({ content }: Pick<Deployment, "content">, now: number): boolean {
  return content.deployableUntil !== null && content.deployableUntil <= now;
}

/** A pause that Windows Update or somebody in the tenant made, unless a decision here is on its way there. */
function pausedThere({ observed, pending }: Deployment): Reason | undefined {
  if (pending || observed?.effectiveValue !== "paused") return undefined;
  return observed.reasons.includes(Reason.pausedByMonitoring) ? Reason.pausedByMonitoring : Reason.pausedByRequest;
}
