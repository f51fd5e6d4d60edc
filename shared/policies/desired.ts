import type { NamedRing } from "../graph/names.js";
import type { DesiredPolicy } from "../graph/policies/types.js";
import { desiredUpdateRing } from "../graph/update-rings.js";
import { type RingSettings, settingsOf } from "../groups/ring.js";
import type { StoredGroup } from "../groups/store.js";
import { driverUpdatePolicy } from "./kinds/driver-update.js";
import { edgePolicy } from "./kinds/edge.js";
import { featureUpdatePolicy } from "./kinds/feature-update.js";
import { microsoft365AppsPolicy } from "./kinds/microsoft365-apps.js";
import { qualityPolicy } from "./kinds/quality.js";
import type { RingContext } from "./kinds/ring-context.js";

/** Settings of rings in the middle of a release, by name: they keep those until it ends (autopatch.md §5.4). */
export type RunningSettings = Readonly<Record<string, RingSettings>>;

/** A policy of a deployment ring as it should be. */
export interface RingPolicy {
  readonly ring: string;
  readonly policy: DesiredPolicy;
}

/**
 * What the tenant should hold for a group (autopatch.md §5.2, 5.3, 7, 8, 10.1), ring by ring. Rings without an Entra
 * group have none.
 */
export function desiredPolicies(group: StoredGroup, running: RunningSettings = {}): RingPolicy[] {
  return ringContexts(group, running).flatMap((context) =>
    policiesOf(context).map((policy) => {
      const ring = context.ring.ringName;
      const excludedGroupIds = group.bindings[ring]?.leftOut?.[policy.kind] ?? [];
      return { ring, policy: excludedGroupIds.length === 0 ? policy : { ...policy, excludedGroupIds } };
    }),
  );
}

function policiesOf(context: RingContext): DesiredPolicy[] {
  const { ring, group, settings } = context;
  return [
    desiredUpdateRing(ring, { ring: settings, common: group.common }, group.scopeTagIds),
    ...(group.updateTypes.quality ? [qualityPolicy(context)] : []),
    featureUpdatePolicy(context),
    driverUpdatePolicy(context),
    microsoft365AppsPolicy(context),
    edgePolicy(context),
  ].filter((policy) => policy !== undefined);
}

function ringContexts(
  { id, definition, bindings, featureReleaseId, officePins = {} }: StoredGroup,
  running: RunningSettings,
): RingContext[] {
  return definition.rings.flatMap((ring) => {
    const binding = bindings[ring.name];
    if (binding === undefined) return [];
    const named: NamedRing = {
      groupId: id,
      groupName: definition.name,
      ringName: ring.name,
      entraGroupId: binding.entraGroupId,
    };
    const settings = running[ring.name] ?? settingsOf(ring);
    const inFeatureRelease = featureReleaseId !== undefined;
    return [{ ring: named, group: definition, settings, inFeatureRelease, officePin: officePins[ring.name] }];
  });
}
