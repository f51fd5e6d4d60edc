import { objectName } from "../graph/names.js";
import { PolicyKind } from "../graph/policies/types.js";
import type { StoredGroup } from "../groups/store.js";
import { RING_PURPOSES } from "../policies/kinds/ring-context.js";
import { type DeviceRecord, DeviceStatus } from "../registration/device.js";

/** The quality update policy that a device is in. */
export interface QualityPolicy {
  readonly name: string;
  readonly groupId: string;
  readonly ring: string;
  /** Its setting "apply without restarting the device", that of the Autopatch group. */
  readonly hotpatch: boolean;
}

/** The standing quality update policies of all rings (graph.md §7 L1), by group and ring. */
export class QualityPolicies {
  readonly #policies: ReadonlyMap<string, QualityPolicy>;

  /** Groups without quality updates have none. */
  constructor(groups: readonly StoredGroup[]) {
    const managed = groups.filter(({ definition }) => definition.updateTypes.quality);
    const policies = managed.flatMap((group) => group.definition.rings.map(({ name }) => policyOf(group, name)));
    this.#policies = new Map(policies.map((policy) => [keyOf(policy.groupId, policy.ring), policy]));
  }

  all(): QualityPolicy[] {
    return [...this.#policies.values()];
  }

  /** The policy of a registered device's ring; null for a device in no quality update policy of the service. */
  of({ status, groupId, ring }: Pick<DeviceRecord, "status" | "groupId" | "ring">): QualityPolicy | null {
    if (status !== DeviceStatus.registered || groupId === null || ring === null) return null;
    return this.#policies.get(keyOf(groupId, ring)) ?? null;
  }
}

function policyOf({ id, definition, bindings }: StoredGroup, ring: string): QualityPolicy {
  const named = { groupId: id, groupName: definition.name, ringName: ring };
  const entraGroupId = bindings[ring]?.entraGroupId ?? "";
  const name = objectName({ ...named, entraGroupId }, RING_PURPOSES[PolicyKind.quality]);
  return { name, groupId: id, ring, hotpatch: definition.hotpatch };
}

function keyOf(groupId: string, ring: string): string {
  return `${groupId}\n${ring}`;
}
