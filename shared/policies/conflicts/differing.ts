import { carriesTag } from "../../graph/names.js";
import { canonical } from "../../graph/policies/deviations.js";
import type { TenantPolicies } from "../../graph/policies/tenant-policies.js";
import { assignedGroups, type FoundPolicy, PolicyKind, type Values } from "../../graph/policies/types.js";
import type { ExpectedPolicy } from "../expectation.js";

/** Kinds of which policies of others can say otherwise about the same settings (autopatch.md §10.3). */
export const CONFLICTING_KINDS: readonly PolicyKind[] = [
  PolicyKind.updateRing,
  PolicyKind.featureUpdate,
  PolicyKind.microsoft365Apps,
  PolicyKind.edge,
  PolicyKind.dataCollection,
  PolicyKind.detectionFrequency,
];

/** A policy of the service and one of somebody else that says otherwise. */
export interface Difference {
  readonly expected: ExpectedPolicy;
  readonly other: FoundPolicy;
  /** Names of the settings on which they differ. */
  readonly settings: readonly string[];
}

/**
 * Settings of the policy CSP that say what an update ring says, by the ring's property: the settings catalogue offers
 * them too. The key is how the id of a definition ends.
 */
const RING_SETTINGS: Readonly<Record<string, string>> = {
  _update_deferqualityupdatesperiodindays: "qualityUpdatesDeferralPeriodInDays",
  _update_deferfeatureupdatesperiodindays: "featureUpdatesDeferralPeriodInDays",
  _update_configuredeadlineforqualityupdates: "deadlineForQualityUpdatesInDays",
  _update_configuredeadlineforfeatureupdates: "deadlineForFeatureUpdatesInDays",
  _update_configuredeadlinegraceperiod: "deadlineGracePeriodInDays",
  _update_configurefeatureupdateuninstallperiod: "featureUpdatesRollbackWindowInDays",
};

/** Every pair of a policy of the service and an assigned one of others that differ in a setting both have. */
export function differences(expected: readonly ExpectedPolicy[], tenant: TenantPolicies): Difference[] {
  const tags = expected.map(({ policy }) => policy.tag);
  const isForeign = (found: FoundPolicy) =>
    (found.everyone || found.included.length > 0) && !tags.some((tag) => carriesTag(found, tag));
  const foreign = new Map(CONFLICTING_KINDS.map((kind) => [kind, tenant.found(kind).filter(isForeign)]));
  const catalogue = foreign.get(PolicyKind.edge) ?? [];
  const reaching = expected.filter(({ policy }) => assignedGroups(policy).length > 0);
  return reaching.flatMap((each) => {
    const { kind, values } = each.policy;
    const rivals = [
      ...(foreign.get(kind) ?? []).map((other) => ({ other, theirs: other.values })),
      ...(kind === PolicyKind.updateRing ? catalogue : []).map((other) => ({ other, theirs: asRing(other.values) })),
    ];
    return rivals.flatMap(({ other, theirs }) => {
      const settings = differing(values, theirs);
      return settings.length === 0 ? [] : [{ expected: each, other, settings }];
    });
  });
}

/** What one policy leaves open, the other may say. */
function differing(ours: Values, theirs: Values): string[] {
  return Object.keys(ours).filter((setting) => {
    if (setting === "settingCount" || isOpen(ours[setting]) || isOpen(theirs[setting])) return false;
    return canonical(ours[setting]) !== canonical(theirs[setting]);
  });
}

function isOpen(value: unknown): boolean {
  return canonical(value) === "" || value === "notConfigured";
}

function asRing(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([id, value]) => {
      const end = Object.keys(RING_SETTINGS).find((tail) => id.toLowerCase().endsWith(tail));
      const setting = end === undefined ? undefined : RING_SETTINGS[end];
      return setting === undefined ? [] : [[setting, value]];
    }),
  );
}
