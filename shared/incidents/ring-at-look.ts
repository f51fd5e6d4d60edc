import { isExpedited } from "../releases/expedite.js";
import { isUninstalled } from "../releases/ring-state.js";
import { isSameLine, type Release, type ReleaseRing } from "../releases/store.js";
import { Supersedence } from "../updates/supersedence.js";
import { isQuality, workloadOf } from "../updates/update.js";
import { workloadFor } from "../workloads/index.js";
import { IncidentEnd, type RingAtLook } from "./incident.js";

/** Why nobody has to have the update of a release any more; null while its group, if there still is one, has to. */
export function whyOver(release: Release, releases: readonly Release[]): RingAtLook["over"] {
  const { publishedAt, state, update } = release;
  const { supersedence } = workloadFor(update);
  if (state.outcome === "cancelled" || state.outcome === "rolledBack") return IncidentEnd.withdrawn;
  const isNewer = (other: Release) =>
    isSameLine(other, release) &&
    other.publishedAt > publishedAt &&
    (isQuality(update) || supersedence(other.update, update) !== Supersedence.none);
  const replaced = releases.some((other) => isNewer(other) && other.state.outcome !== "cancelled");
  return replaced ? IncidentEnd.superseded : null;
}

/** The ring's SLO day by its own settings: an expedite brings it none forward (autopatch.md §5.5). ms; null outside it. */
export function monthlySloAt({ expedite, plan }: ReleaseRing["state"]): number | null {
  return (expedite?.ordinary ?? plan).sloAt;
}

/** A ring at a look, but for how many of its devices have the update. @param over why its whole release is over */
export function ringAtLook(
  release: Release,
  { ring, state }: ReleaseRing,
  over: RingAtLook["over"],
): Omit<RingAtLook, "objective" | "compliance"> {
  const { id: releaseId, groupId, groupName, update } = release;
  const isWithdrawn = state.outcome === "rolledBack" || state.outcome === "cancelled" || isUninstalled(state);
  return {
    ...{ workload: workloadOf(update), releaseId, groupId, groupName, update: update.shortName, ring },
    sloAt: monthlySloAt(state),
    // Suspended while the release is expedited; what it leaves undone counts from the ring's own day on.
    expedited: isExpedited(release) && release.state.phase !== "ended",
    over: over ?? (isWithdrawn ? IncidentEnd.withdrawn : null),
  };
}
