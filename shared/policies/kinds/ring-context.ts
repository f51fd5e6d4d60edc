import { type NamedRing, objectDescription, objectName, tagOf } from "../../graph/names.js";
import { type DesiredPolicy, PolicyKind, type Values } from "../../graph/policies/types.js";
import type { AutopatchGroup } from "../../groups/group.js";
import type { OfficePin } from "../../groups/office-pin.js";
import type { RingSettings } from "../../groups/ring.js";

/** A deployment ring as its policies see it. */
export interface RingContext {
  readonly ring: NamedRing;
  readonly group: AutopatchGroup;
  /** Settings in force: those of the release that runs, else those of the group. */
  readonly settings: RingSettings;
  /** Whether a feature release decides about the group's Windows versions. */
  readonly inFeatureRelease: boolean;
  /** Where Microsoft 365 Apps of the ring are held; undefined while they follow their channel. */
  readonly officePin: OfficePin | undefined;
}

/** Kinds of which every ring has one of its own, with the purpose that stands in name and tag. */
export const RING_PURPOSES = {
  [PolicyKind.updateRing]: "update ring",
  [PolicyKind.quality]: "standing",
  [PolicyKind.featureUpdate]: "feature update",
  [PolicyKind.driverUpdate]: "driver updates",
  [PolicyKind.microsoft365Apps]: "Microsoft 365 Apps",
  [PolicyKind.edge]: "Edge",
} as const;
export type RingPolicyKind = keyof typeof RING_PURPOSES;

/** A policy of one deployment ring, named after group, ring and purpose and assigned to the ring's Entra group. */
export function ringPolicy(
  { ring, group }: RingContext,
  { kind, sentence, values }: { kind: RingPolicyKind; sentence: string; values: Values },
): DesiredPolicy {
  const purpose = RING_PURPOSES[kind];
  return {
    kind,
    tag: tagOf(ring, purpose),
    name: objectName(ring, purpose),
    description: objectDescription(ring, purpose, sentence),
    values,
    entraGroupId: ring.entraGroupId,
    scopeTagIds: group.scopeTagIds,
  };
}
