import type { Catalogue } from "../catalogue/catalogue.js";
import type { DriverEntry } from "../drivers/catalogue.js";
import type { SafeguardHolds } from "../release-health/safeguard-holds.js";
import type { DeviceRecord, DeviceUpdateView, UpdateRingView } from "../types.js";
import { newestDrivers } from "./driver-source.js";
import { type FeatureCandidate, newestVersion } from "./feature-source.js";
import { type Candidate, newestOffer, revisionFor } from "./offer-source.js";
import { type AssignedPolicies, type AssignedRing, oldest } from "./policies.js";

/** What the policies mean for one device now. */
export interface Judgement {
  readonly quality: Candidate | undefined;
  readonly feature: FeatureCandidate | undefined;
  /** Ids of the safeguard holds that keep the device from the feature update. */
  readonly safeguards: readonly number[];
  readonly drivers: readonly DriverEntry[];
  readonly ring: UpdateRingView | undefined;
  readonly expedite: DeviceUpdateView["expedite"];
  /** Hours between two scans, where a policy sets them. */
  readonly scanHours: number | undefined;
}

export interface JudgementDeps {
  readonly policies: AssignedPolicies;
  readonly catalogue: Catalogue;
  readonly holds: SafeguardHolds;
}

/**
 * Judges a device in these groups at `now` (ms) by everything that is assigned to it. Costs no more than the policies
 * of that device.
 */
export function judge(deps: JudgementDeps, device: DeviceRecord, groups: readonly string[], now: number): Judgement {
  const { policies } = deps;
  const assigned = oldest(policies.rings.covering(groups));
  const feature = newestVersion(policies.feature.covering(groups), device, now);
  const optsOut = feature !== undefined && policies.safeguardOptOuts.covering(groups).length > 0;
  return {
    quality: quality(deps, device, groups, now),
    feature,
    safeguards: feature === undefined || optsOut ? [] : deps.holds.matching(feature.version.name, device, now),
    drivers: assigned?.excludesDrivers === true ? [] : newestDrivers(policies.drivers.covering(groups), device, now),
    ring: assigned && ringNow(assigned, now),
    expedite: expedite(deps, device, groups),
    scanHours: oldest(policies.scans.covering(groups))?.hours,
  };
}

function quality({ policies, catalogue }: JudgementDeps, device: DeviceRecord, groups: readonly string[], now: number) {
  let newest: Candidate | undefined;
  for (const source of policies.quality.covering(groups)) {
    const found = newestOffer(source, device, catalogue, now);
    if (found !== undefined && found.entry.publishedAt > (newest?.entry.publishedAt ?? -Infinity)) newest = found;
  }
  return newest;
}

/** The ring with pauses that have run out shown as ended. */
function ringNow(
  { ring, pausedUntil = Infinity, featurePausedUntil = Infinity }: AssignedRing,
  now: number,
): UpdateRingView {
  return {
    ...ring,
    qualityPaused: ring.qualityPaused && now < pausedUntil,
    featurePaused: ring.featurePaused && now < featurePausedUntil,
  };
}

function expedite({ policies, catalogue }: JudgementDeps, device: DeviceRecord, groups: readonly string[]) {
  let newest: { build: string; daysUntilForcedReboot: number; publishedAt: number } | undefined;
  for (const { entryId, daysUntilForcedReboot } of policies.expedites.covering(groups)) {
    const entry = catalogue.get(entryId);
    const revision = entry && revisionFor(entry, device);
    if (entry === undefined || revision === undefined) continue;
    if (newest !== undefined && newest.publishedAt >= entry.publishedAt) continue;
    newest = { build: revision.build, daysUntilForcedReboot, publishedAt: entry.publishedAt };
  }
  return newest && { build: newest.build, daysUntilForcedReboot: newest.daysUntilForcedReboot };
}
