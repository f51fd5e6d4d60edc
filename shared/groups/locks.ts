import { lockingReleases } from "../feature-releases/locks.js";
import type { StoredGroup } from "./store.js";

/** A setting that cannot be edited while a feature update release targets the group. */
export interface LockedSetting {
  /** As `differences` names it: `rings.Ring1.featureDeadlineDays`. */
  readonly field: string;
  readonly releaseId: string;
}

/** Tells the ids of the feature update releases that target an Autopatch group now. */
export type FeatureReleases = (groupId: string) => Promise<readonly string[]>;

let featureReleases: FeatureReleases = lockingReleases;

/** Says where feature update releases are found. */
export function lockSettingsFor(source: FeatureReleases): void {
  featureReleases = source;
}

/** Settings that decide about feature updates; those of rings are repeated for each ring. */
const LOCKED = ["rings", "updateTypes.feature", "deploymentSettings.targetFeatureVersion"] as const;
const LOCKED_OF_RING = ["featureDeferralDays", "featureDeadlineDays"] as const;

/**
 * What may not be edited because a feature update release targets the group (autopatch.md §2.4, row 13): its rings, the
 * feature update type, the target version, and the feature periods of its rings.
 */
export async function lockedSettings(group: Pick<StoredGroup, "id" | "definition">): Promise<readonly LockedSetting[]> {
  const [releaseId] = await featureReleases(group.id);
  if (releaseId === undefined) return [];
  const ofRings = group.definition.rings.flatMap(({ name }) =>
    LOCKED_OF_RING.map((setting) => `rings.${name}.${setting}`),
  );
  return [...LOCKED, ...ofRings].map((field) => ({ field, releaseId }));
}
