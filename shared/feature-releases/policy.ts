import { createHash } from "node:crypto";
import { cut } from "../graph/names.js";
import { type DesiredPolicy, PolicyKind } from "../graph/policies/types.js";
import type { StoredGroup } from "../groups/store.js";
import { OFFERS_WINDOWS_10 } from "../policies/kinds/feature-update.js";
import { type FeatureRelease, FeatureStatus, type Phase, type PhaseRing } from "./release.js";
import { lastOffer } from "./schedule.js";

/** Most scope tags of an object in Intune. */
const MAX_TAGS = 100;

/** `Windows Autopatch - DSS policy - <Release Name> - Phase <n>` (autopatch.md §6.2). */
export function policyName({ name }: Pick<FeatureRelease, "name">, { number }: Pick<Phase, "number">): string {
  return `Windows Autopatch - DSS policy - ${name} - Phase ${number}`;
}

/** Rings whose devices the phase still means. */
export function ringsOf({ rings, status }: Pick<Phase, "rings" | "status">): readonly PhaseRing[] {
  return status === FeatureStatus.inactive ? [] : rings.filter(({ movedTo }) => movedTo === null);
}

/**
 * The policy of a phase as it should be in the tenant: one feature update profile for the ring groups of the phase, at
 * once on its first date or, gradually, some days apart (autopatch.md §6.2, graph.md §2.3).
 */
export function phasePolicy(release: FeatureRelease, phase: Phase, groups: readonly StoredGroup[]): DesiredPolicy {
  const members = ringsOf(phase).flatMap(({ groupId, ring }) => {
    const group = groups.find(({ id }) => id === groupId);
    const binding = group?.bindings[ring];
    return group === undefined || binding === undefined ? [] : [{ group, ...binding }];
  });
  const entraGroupIds = [...new Set(members.map(({ entraGroupId }) => entraGroupId))];
  const excludedGroupIds = [...new Set(members.flatMap(({ leftOut }) => leftOut?.[PolicyKind.featureUpdate] ?? []))];
  const scopeTagIds = [...new Set(members.flatMap(({ group }) => group.definition.scopeTagIds))];
  const tag = tagOfPhase(release, phase);
  const sentence = `Brings phase ${phase.number} of feature release ${cut(release.name, 64)} to ${release.version}.`;
  return {
    kind: PolicyKind.featureUpdate,
    tag,
    name: policyName(release, phase),
    description: `${sentence} Kept by Ringmaster [${tag}]: changes made by hand are undone.`,
    values: {
      featureUpdateVersion: release.version,
      installFeatureUpdatesOptional: false,
      installLatestWindows10OnWindows11IneligibleDevice: OFFERS_WINDOWS_10,
      rolloutSettings: rollout(phase),
    },
    entraGroupId: entraGroupIds[0] ?? "",
    entraGroupIds,
    excludedGroupIds,
    scopeTagIds: scopeTagIds.length === 0 ? ["0"] : scopeTagIds.slice(0, MAX_TAGS),
  };
}

/** Intune takes a start alone, or start, end and interval together (graph.md §2.3). */
function rollout(phase: Phase) {
  const isGradual = phase.gradualGroups > 1;
  return {
    offerStartDateTimeInUTC: `${phase.firstDate}T00:00:00Z`,
    offerEndDateTimeInUTC: isGradual ? `${lastOffer(phase)}T00:00:00Z` : null,
    offerIntervalInDays: isGradual ? phase.daysBetween : null,
  };
}

function tagOfPhase({ id }: FeatureRelease, { number }: Phase): string {
  return createHash("sha256").update(`feature release\n${id}\n${number}`).digest("hex").slice(0, 12);
}
