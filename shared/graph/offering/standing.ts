import type { Graph } from "../graph.js";
import { tagOf } from "../names.js";
import { releaseGroups } from "./steps.js";
import { type ApprovalStatus, type Offering, type ReleasePolicyRef, type RingTarget, STANDING } from "./types.js";

/** What a standing policy of a ring is told about one update. Every method may run twice. */
export interface StandingPolicy {
  /** Id of the policy that offers the update to the ring. Throws `not_yet_consistent` while there is none. */
  find(ring: RingTarget, catalogEntryId: string): Promise<string>;
  /** Stops what the policy offers of the update, or lets it go on. */
  set(ref: StandingRef, status: ApprovalStatus): Promise<void>;
  /** The ring's day has come: what former releases stopped goes on. Absent: they stopped their own update only. */
  open?(ref: StandingRef): Promise<void>;
  /** Leaves exactly these directory groups out of the policy. Absent: nothing can, and its workload says so. */
  leaveOut?(ref: StandingRef, groupIds: readonly string[]): Promise<void>;
  /** Takes back what the release did, which has ended. Default: leaves nobody out any more. */
  end?(ref: StandingRef): Promise<void>;
  /** Has the ring's devices go back to what they had before the update; null ends that. Absent where nothing can. */
  rollBack?(ring: RingTarget, catalogEntryId: string | null): Promise<void>;
}

/** The standing policy of a ring, as far as one update goes. */
export interface StandingRef {
  readonly policyId: string;
  readonly ring: RingTarget;
  readonly catalogEntryId: string;
}

/**
 * A release over policies that offer by themselves: it opens nothing and takes nothing away. It leaves out the devices of
 * held cohorts, stops the update where the release is paused, and lets it go on. The policy goes its way when the release
 * has ended.
 */
export function standingOffering(graph: Graph, policy: StandingPolicy): Offering {
  return {
    model: STANDING,
    ...releaseGroups(graph),
    // The group's provisioning, or its feature release, makes it and keeps it.
    ensureStandingPolicy: async () => ({ policyId: "" }),
    openRelease: async ({ releaseKey, ring, catalogEntryId }) => ({
      model: STANDING,
      policyId: await policy.find(ring, catalogEntryId),
      catalogEntryId,
      tag: tagOf(ring, releaseKey),
      ring,
    }),
    async setWaveGroups(ref, _included, excluded) {
      await policy.open?.(standing(ref));
      await policy.leaveOut?.(standing(ref), excluded);
    },
    setApproval: (ref, status) => policy.set(standing(ref), status),
    rollBack: async (ring, catalogEntryId) => policy.rollBack?.(ring, catalogEntryId),
    endRollBack: async (ring) => policy.rollBack?.(ring, null),
    finish: (ref) => end(policy, standing(ref)),
    withdraw: (ref) => end(policy, standing(ref)),
  };
}

/** A release that only follows what a policy and the vendor do: nothing can stop it, and its workload says so. */
export function followedOffering(graph: Graph, find: StandingPolicy["find"]): Offering {
  return standingOffering(graph, { find, set: async () => {} });
}

async function end(policy: StandingPolicy, ref: StandingRef): Promise<void> {
  await (policy.end === undefined ? policy.leaveOut?.(ref, []) : policy.end(ref));
}

/** Refs of a standing policy say their ring. */
function standing({ policyId, ring, catalogEntryId }: ReleasePolicyRef): StandingRef {
  if (ring === undefined) throw new TypeError(`Policy ${policyId} belongs to no ring.`);
  return { policyId, ring, catalogEntryId };
}
