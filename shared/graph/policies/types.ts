import type { Collection } from "../batch-read.js";
import type { Graph } from "../graph.js";

/** The kinds of policies that the service keeps (autopatch.md §10.1). */
export const PolicyKind = {
  updateRing: "updateRing",
  /** The ring's standing policy, which approves completed quality updates (graph.md §7 L1). */
  quality: "quality",
  featureUpdate: "featureUpdate",
  driverUpdate: "driverUpdate",
  microsoft365Apps: "microsoft365Apps",
  edge: "edge",
  dataCollection: "dataCollection",
  detectionFrequency: "detectionFrequency",
  /** Of devices that are opted out of safeguard holds. */
  safeguardOptOut: "safeguardOptOut",
} as const;
export type PolicyKind = (typeof PolicyKind)[keyof typeof PolicyKind];

/** Settings by name. What a policy does not carry is null or absent. */
export type Values = Readonly<Record<string, unknown>>;

/** A policy as it should be in the tenant. */
export interface DesiredPolicy {
  readonly kind: PolicyKind;
  /** Twelve hex digits in name and description, by which the policy is found again. */
  readonly tag: string;
  readonly name: string;
  readonly description: string;
  readonly values: Values;
  /** The Entra group that it serves, and to which it is assigned unless `entraGroupIds` says otherwise. */
  readonly entraGroupId: string;
  /** Entra groups that it is assigned to instead: those of several rings, or none. */
  readonly entraGroupIds?: readonly string[];
  /** Entra groups that it leaves out: devices of held cohorts. Absent: none. */
  readonly excludedGroupIds?: readonly string[];
  readonly scopeTagIds: readonly string[];
  /** Whether it may leave out groups whose devices other policies of the service decide about. Default: nobody. */
  readonly mayLeaveOut?: true;
}

/** The Entra groups that a policy should be assigned to. */
export function assignedGroups({ entraGroupId, entraGroupIds = [entraGroupId] }: DesiredPolicy): readonly string[] {
  return entraGroupIds;
}

/** A policy as it is in the tenant. */
export interface FoundPolicy {
  readonly id: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly createdDateTime: string | null;
  readonly values: Values;
  /** Entra groups, lower-cased. */
  readonly included: readonly string[];
  readonly excluded: readonly string[];
  /** Assigned to all devices or all users. */
  readonly everyone: boolean;
}

/** Policies per page of a list: 300 groups of 15 rings are five calls. */
export const PAGE_SIZE = 999;

/** One collection of policies in the tenant, and how its members are written. */
export interface PolicyArea {
  readonly kinds: readonly PolicyKind[];
  /** All policies of the collection with their assignments, whoever made them. */
  readonly collection: Collection<FoundPolicy>;
  /** The whole collection in one list call. */
  list(graph: Graph): Promise<FoundPolicy[]>;
  /** Throws `not_found` when there is none. */
  read(graph: Graph, policyId: string): Promise<FoundPolicy>;
  /** Creates it without assignment; undefined when the answer does not tell the id. */
  create(graph: Graph, policy: DesiredPolicy): Promise<string | undefined>;
  /** Sets every value, name and description. */
  change(graph: Graph, policyId: string, policy: DesiredPolicy): Promise<void>;
  /** Values that a policy takes only when it is created; one that deviates there is made anew. */
  readonly fixed: readonly string[];
  /** Replaces whom it reaches and whom it leaves out. */
  assign(graph: Graph, policyId: string, included: readonly string[], excluded: readonly string[]): Promise<void>;
  remove(graph: Graph, policyId: string): Promise<void>;
}
