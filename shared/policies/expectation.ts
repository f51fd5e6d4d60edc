import { HOUR_MS } from "../calendar/days.js";
import { tagOf } from "../graph/names.js";
import type { DesiredPolicy } from "../graph/policies/types.js";
import { ALL_DEVICES_GROUP, parentGroup, ringGroup } from "../groups/directory-names.js";
import type { Baseline } from "./baseline.js";
import { desiredPolicies } from "./desired.js";
import { tenantPolicies } from "./kinds/tenant-wide.js";

export interface ExpectedPolicy {
  readonly policy: DesiredPolicy;
  /** Autopatch group; null for the policies of all devices. */
  readonly groupId: string | null;
  readonly ring: string | null;
  /** Display name of the Entra group that it is assigned to. */
  readonly groupName: string;
}

export interface ExpectedGroup {
  readonly id: string;
  readonly displayName: string;
  readonly groupId: string | null;
  /** Null for the parent of the ring groups and the group of all devices. */
  readonly ring: string | null;
  /** Lower-cased. */
  readonly entraGroupId: string;
  /** Object ids of its owners; null when they are not on record. */
  readonly owners: readonly string[] | null;
}

/** Everything of the service that should be in the tenant. */
export interface Expectation {
  readonly policies: readonly ExpectedPolicy[];
  readonly groups: readonly ExpectedGroup[];
  /** Autopatch groups whose change is on its way to the tenant: nothing is expected of them now. */
  readonly inChange: ReadonlySet<string>;
}

/** After that a change that did not get through is drift like any other. */
const PATIENCE_MS = HOUR_MS;

/**
 * What the last values brought to the tenant make one expect there.
 * @param now ms; `all` expects of groups in change what they are changing to
 */
export function expectationOf(baselines: readonly Baseline[], now: number | "all"): Expectation {
  const inChange = ({ applyingSince }: Baseline) =>
    now !== "all" && applyingSince !== null && now - applyingSince < PATIENCE_MS;
  const settled = baselines.filter((baseline) => !inChange(baseline));
  const allDevices = settled.find(({ allDevicesGroupId }) => allDevicesGroupId !== null)?.allDevicesGroupId ?? null;
  return {
    policies: [
      ...settled.flatMap(({ group, running }) =>
        desiredPolicies(group, running).map(({ ring, policy }) => {
          const { displayName: groupName } = ringGroup(group, ring);
          return { policy, groupId: group.id, ring, groupName };
        }),
      ),
      ...(allDevices === null ? [] : tenantPolicies(allDevices)).map((policy) => {
        return { policy, groupId: null, ring: null, groupName: ALL_DEVICES_GROUP.displayName };
      }),
    ],
    groups: [...settled.flatMap(directoryGroups), ...(allDevices === null ? [] : [allDevicesGroup(allDevices)])],
    inChange: new Set(baselines.filter(inChange).map(({ group }) => group.id)),
  };
}

/** The groups of the rings and their parent. */
function directoryGroups({ group }: Baseline): ExpectedGroup[] {
  const { id: groupId, bindings, definition, parentGroupId, owners } = group;
  const expected = (ring: string | null, displayName: string, entraId: string | undefined): ExpectedGroup[] => {
    if (entraId === undefined) return [];
    const id = tagOf({ groupId, ringName: ring ?? "" }, "ring group");
    const entraGroupId = entraId.toLowerCase();
    return [{ id, displayName, groupId, ring, entraGroupId, owners: owners?.[entraGroupId] ?? null }];
  };
  return [
    ...definition.rings.flatMap(({ name }) =>
      expected(name, ringGroup(group, name).displayName, bindings[name]?.entraGroupId),
    ),
    ...expected(null, parentGroup(group).displayName, parentGroupId),
  ];
}

function allDevicesGroup(entraGroupId: string): ExpectedGroup {
  const id = tagOf({ groupId: "", ringName: "" }, "all devices");
  const { displayName } = ALL_DEVICES_GROUP;
  return { id, displayName, groupId: null, ring: null, entraGroupId: entraGroupId.toLowerCase(), owners: null };
}
