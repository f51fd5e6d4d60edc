import { objectName } from "../graph/names.js";
import { PolicyKind } from "../graph/policies/types.js";
import type { StoredGroup } from "../groups/store.js";
import { RING_PURPOSES } from "../policies/kinds/ring-context.js";
import type { AppliedPolicies } from "../quality-policies/applied.js";
import { type DeviceRecord, DeviceStatus } from "../registration/device.js";

/** The quality update policy that a device is in. */
export interface QualityPolicy {
  readonly name: string;
  /** Autopatch group and ring of a standing policy; null for a policy with approvals. */
  readonly groupId: string | null;
  readonly ring: string | null;
  /** Its setting "apply without restarting the device"; of a standing policy that of the Autopatch group. */
  readonly hotpatch: boolean;
}

/**
 * The quality update policies of devices: policies with approvals (autopatch.md §5.10), and for devices in none of them the
 * standing policies of all rings (graph.md §7 L1), by group and ring.
 */
export class QualityPolicies {
  readonly #policies: ReadonlyMap<string, QualityPolicy>;

  /** Groups without quality updates have no standing policies. */
  constructor(
    groups: readonly StoredGroup[],
    private readonly applied: AppliedPolicies,
  ) {
    const managed = groups.filter(({ definition }) => definition.updateTypes.quality);
    const policies = managed.flatMap((group) =>
      group.definition.rings.map(({ name }) => [keyOf(group.id, name), policyOf(group, name)] as const),
    );
    this.#policies = new Map(policies);
  }

  all(): QualityPolicy[] {
    return [...this.#policies.values(), ...this.applied.policies.map(withApprovals)];
  }

  /**
   * The policy that decides for a device; null for a device in no quality update policy of the service.
   * @param build as Intune says it now
   */
  of(device: DeviceRecord, build: string | null): QualityPolicy | null {
    const applied = this.applied.of(device, build);
    if (applied !== null) return withApprovals(applied);
    const { status, groupId, ring } = device;
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

function withApprovals({ name, hotpatch }: Pick<QualityPolicy, "name" | "hotpatch">): QualityPolicy {
  return { name, groupId: null, ring: null, hotpatch };
}

function keyOf(groupId: string, ring: string): string {
  return `${groupId}\n${ring}`;
}
