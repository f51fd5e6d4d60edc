import { deviations } from "../graph/policies/deviations.js";
import { isAssigned, tagged } from "../graph/policies/ensure.js";
import type { HealthGroup } from "../graph/policies/service-groups.js";
import type { TenantPolicies } from "../graph/policies/tenant-policies.js";
import { assignedGroups, type DesiredPolicy, type FoundPolicy, PolicyKind } from "../graph/policies/types.js";
import { sameMembers } from "../graph/settle.js";
import { MIN_TYPED_DEADLINE_DAYS } from "../groups/rules/rings.js";
import type { Expectation, ExpectedGroup } from "./expectation.js";

/** What can be wrong with a policy or a group that the service keeps (autopatch.md §10.2). */
export const AlertKind = {
  missingPolicy: "missingPolicy",
  /** A special case of a modified policy: the deadline is none that devices may have. */
  deadlineOutsideRange: "deadlineOutsideRange",
  modifiedPolicy: "modifiedPolicy",
  missingAssignment: "missingAssignment",
  changedAssignment: "changedAssignment",
  missingGroup: "missingGroup",
  alteredGroup: "alteredGroup",
} as const;
export type AlertKind = (typeof AlertKind)[keyof typeof AlertKind];

export interface Detail {
  readonly setting: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** One thing that is wrong, with everything that is wrong about it. */
export interface Finding {
  /** Stands for the policy or the group, whatever is wrong with it. */
  readonly id: string;
  readonly kind: AlertKind;
  /** Display name that the policy or the group should have. */
  readonly name: string;
  readonly policyKind: PolicyKind | null;
  /** Null for the policies of all devices. */
  readonly groupId: string | null;
  readonly ring: string | null;
  readonly entraGroupId: string;
  readonly details: readonly Detail[];
}

/** Longest deadline in days (autopatch.md §5.4). */
const MAX_DEADLINE_DAYS = 30;

/** Compares what is in the tenant with what should be there. Pauses and rollbacks are no settings and no drift. */
export function findingsOf(
  expected: Expectation,
  tenant: TenantPolicies,
  groups: ReadonlyMap<string, HealthGroup>,
): Finding[] {
  const missing = new Set(
    expected.groups.filter((group) => !groups.has(group.entraGroupId)).map(({ entraGroupId }) => entraGroupId),
  );
  return [
    ...expected.groups.flatMap((group) => groupFinding(group, groups.get(group.entraGroupId)) ?? []),
    ...expected.policies.flatMap(({ policy, groupId, ring }) => {
      const [found] = tagged(tenant.found(policy.kind), policy.tag);
      // With its group restored a policy is assigned anew, so that its assignment is no finding of its own.
      const wrong = policyProblem(policy, found, missing.has(policy.entraGroupId.toLowerCase()));
      const { tag: id, name, kind: policyKind, entraGroupId } = policy;
      return wrong === undefined ? [] : [{ id, name, policyKind, groupId, ring, entraGroupId, ...wrong }];
    }),
  ];
}

function policyProblem(
  policy: DesiredPolicy,
  found: FoundPolicy | undefined,
  groupIsMissing: boolean,
): Pick<Finding, "kind" | "details"> | undefined {
  if (found === undefined) return { kind: AlertKind.missingPolicy, details: [] };
  const settings = deviations(policy.values, found.values).map(
    ({ setting, wanted, actual }): Detail => ({ setting, expected: wanted, found: actual }),
  );
  const assignment = groupIsMissing || isAssigned(found, policy) ? [] : [assignmentDetail(policy, found)];
  const details = [...settings, ...assignment];
  if (settings.some((detail) => isOutsideRange(policy, detail)))
    return { kind: AlertKind.deadlineOutsideRange, details };
  if (settings.length > 0) return { kind: AlertKind.modifiedPolicy, details };
  if (assignment.length === 0) return undefined;
  const reachesNobody = !found.everyone && found.included.length === 0;
  return { kind: reachesNobody ? AlertKind.missingAssignment : AlertKind.changedAssignment, details };
}

function assignmentDetail(policy: DesiredPolicy, { included, excluded, everyone }: FoundPolicy): Detail {
  return {
    setting: "assignment",
    expected: { included: assignedGroups(policy) },
    found: { included, excluded, everyone },
  };
}

function isOutsideRange({ kind }: DesiredPolicy, { setting, found }: Detail): boolean {
  if (kind !== PolicyKind.updateRing || !setting.startsWith("deadlineFor") || typeof found !== "number") return false;
  return found < MIN_TYPED_DEADLINE_DAYS || found > MAX_DEADLINE_DAYS;
}

function groupFinding(expected: ExpectedGroup, found: HealthGroup | undefined): Finding | undefined {
  const { id, displayName: name, groupId, ring, entraGroupId } = expected;
  const finding = { id, name, policyKind: null, groupId, ring, entraGroupId };
  if (found === undefined) return { ...finding, kind: AlertKind.missingGroup, details: [] };
  const details = [
    { setting: "displayName", expected: name, found: found.displayName },
    { setting: "membership", expected: "assigned", found: found.isDynamic ? "dynamic" : "assigned" },
  ].filter((detail) => detail.expected !== detail.found);
  const altered = [...details, ...ownersDetail(expected, found)];
  return altered.length === 0 ? undefined : { ...finding, kind: AlertKind.alteredGroup, details: altered };
}

/** The owner of a group of the service must not be changed (autopatch.md §2.1). */
function ownersDetail({ owners }: ExpectedGroup, found: HealthGroup): Detail[] {
  if (owners === null || sameMembers(owners, found.owners)) return [];
  return [{ setting: "owners", expected: owners, found: [...found.owners].sort() }];
}
