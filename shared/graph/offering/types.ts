import type { DirectoryGroup } from "../groups.js";
import type { MembershipResult } from "../members.js";
import type { NamedRing } from "../names.js";
import type { CategoryApproval } from "./category-approvals.js";

/** How this tenant meters quality updates: group-targeted policies (L1–L4) or, failing that, Intune (L5). */
export const OfferingModel = { policies: "policies", intune: "intune" } as const;
export type OfferingModel = (typeof OfferingModel)[keyof typeof OfferingModel];

/** Updates of other workloads are offered by a standing policy of the ring. */
export const STANDING = "standing";

export const ApprovalStatus = { approved: "approved", suspended: "suspended" } as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

/** A deployment ring of an Autopatch group as an offer sees it. */
export interface RingTarget extends NamedRing {
  /** The ring's Intune update ring, which holds deadline and grace and carries out a rollback. */
  readonly updateRingPolicyId: string;
  /** Whether updates install without a restart where they can; overrides the tenant's default (autopatch.md §5.9). */
  readonly hotpatch: boolean;
}

/** A release as the names of its hold groups have it. */
export interface HoldingRelease {
  readonly releaseKey: string;
  /** Autopatch group. */
  readonly groupId: string;
  readonly groupName: string;
}

export interface HoldGroup extends HoldingRelease {
  readonly holdId: string;
  /** The cohort in words, for people who look at the directory. */
  readonly cohort: string;
}

/** A policy in the tenant, with its ring where the model has one. */
export interface PolicyRef {
  readonly policyId: string;
  readonly ringId?: string;
}

/** The policy that offers one release to one ring; plain data, kept in orchestration state. */
export interface ReleasePolicyRef extends PolicyRef {
  readonly model: OfferingModel | typeof STANDING;
  readonly catalogEntryId: string;
  /** Stands for release and ring in the names of everything made for them. */
  readonly tag: string;
  /** The ring, where its standing policy offers. */
  readonly ring?: RingTarget;
}

/** Entra groups that a policy reaches and those it leaves out. */
export interface Assignment {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/**
 * Offers one update ring by ring and wave by wave (graph.md §7 L1–L5). Every method may run twice: objects are
 * found by name before they are made, and every write is read back. `not_yet_consistent` says that a write does not
 * show yet; `throttled` and `unavailable` that Graph was busy; all three are repeated after a wait.
 */
export interface Offering {
  readonly model: OfferingModel | typeof STANDING;
  /** The ring's standing policy, which approves only completed releases (L1). Drift is repaired. */
  ensureStandingPolicy(ring: RingTarget): Promise<PolicyRef>;
  /** The policy of a release for a ring: update approved, no device offered until a wave is set (L2). */
  openRelease(input: { releaseKey: string; ring: RingTarget; catalogEntryId: string }): Promise<ReleasePolicyRef>;
  /** An empty directory group for a wave; a policy may name it GROUP_REPLICATION_SECONDS later. */
  createWaveGroup(input: { releaseKey: string; ring: RingTarget; wave: number }): Promise<DirectoryGroup>;
  /** A directory group for the devices of one cohort that a release has to leave out in every ring (L3). */
  createHoldGroup(hold: HoldGroup): Promise<DirectoryGroup>;
  /** Adds devices to a wave or a hold by object id; members already there are success. */
  addWaveMembers(groupId: string, objectIds: readonly string[]): Promise<MembershipResult>;
  /** Takes devices out again; those that are no members are success. */
  removeWaveMembers(groupId: string, objectIds: readonly string[]): Promise<void>;
  /** Replaces the groups a release reaches and leaves out; the last wave is the ring's own group. */
  setWaveGroups(ref: ReleasePolicyRef, groupIds: readonly string[], excludedGroupIds: readonly string[]): Promise<void>;
  /** Pauses (`suspended`) or resumes (`approved`) the offer; devices follow within 8 h (L3). */
  setApproval(ref: ReleasePolicyRef, status: ApprovalStatus): Promise<void>;
  /** Has the ring's devices uninstall the update at their next check-in (L4). Suspend the offer first. */
  rollBack(ring: RingTarget, catalogEntryId: string): Promise<void>;
  /** Ends `rollBack`, so that devices may install updates again. */
  endRollBack(ring: RingTarget): Promise<void>;
  /** Hands a completed release over to the standing policy and removes what was made for it (L4). */
  finish(ref: ReleasePolicyRef, ring: RingTarget, catalogEntryId: string): Promise<void>;
  /** Removes what was made for a superseded or cancelled release, suspended first; the standing policy stays. */
  withdraw(ref: ReleasePolicyRef): Promise<void>;
  /** Deletes the directory groups of all holds of a release; no policy may name them any more. */
  removeHoldGroups(release: HoldingRelease): Promise<void>;
}

export interface PolicySpec {
  readonly tag: string;
  readonly name: string;
  readonly description: string;
  readonly hotpatch: boolean;
  /** Groups of a policy that is made now; one that exists keeps its own. */
  readonly assignment: Assignment;
  /**
   * How categories are approved in a policy that people have made; name, description and deferrals are then kept in order
   * too. Default: the app approves every update by itself.
   */
  readonly approvals?: readonly CategoryApproval[];
}

/** What the two models do differently. */
export interface PolicyBackend {
  readonly model: OfferingModel;
  /** The one policy with this tag: made when absent, reduced to the oldest when there are several, repaired on drift. */
  ensurePolicy(spec: PolicySpec): Promise<PolicyRef>;
  /** Removes every policy with this tag; none is fine. Approvals cannot be deleted, so they are suspended first. */
  removePolicies(tag: string): Promise<void>;
  assignment(ref: PolicyRef): Promise<Assignment>;
  /** Replaces the assignment and reads it back. */
  assign(ref: PolicyRef, assignment: Assignment): Promise<void>;
  /** Undefined when the update was never approved in this policy. */
  approval(policyId: string, catalogEntryId: string): Promise<ApprovalStatus | undefined>;
  /** Sets the approval and reads it back. */
  approve(policyId: string, catalogEntryId: string, status: ApprovalStatus): Promise<void>;
}
