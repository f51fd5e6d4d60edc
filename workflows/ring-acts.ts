import { AppError } from "../shared/errors.js";
import { exclusionsOf } from "../shared/releases/exclusions.js";
import { applyRingEvent } from "../shared/releases/ring-events.js";
import type { RingAction } from "../shared/releases/ring-step.js";
import type { ReleaseRing } from "../shared/releases/store.js";
import { movedGroups } from "../shared/releases/target.js";
import {
  assignWaves,
  fillWaveGroup,
  markWaveOffered,
  openReleasePolicy,
  type RingRef,
  setApproval,
  startRollBack,
  withdrawFromRing,
} from "./activities/ring.js";
import { hurryRing } from "./activities/ring-expedite.js";
import { type Durable, nowOf, type Orchestration } from "./durable.js";

type Policy = NonNullable<ReleaseRing["policy"]>;
/** A ring and the revision on which an act was decided. */
type ActRef = RingRef & { readonly revision: number };

/** Performs an action of `ringStep`; returns the ring with the event that confirms it. */
export function* perform(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, action: RingAction): Durable<ReleaseRing> {
  const confirm = (
    type: "policyOpened" | "suspended" | "approved" | "rollbackStarted" | "withdrawn" | "finished",
    changes: Partial<ReleaseRing> = {},
  ): ReleaseRing => ({ ...ring, ...changes, state: applyRingEvent(ring.state, { type, at: nowOf(ctx) }) });
  switch (action.kind) {
    case "openWave":
      // Kept before anybody is in it, so that a pause or an end that comes half-way finds what it has to take back.
      if (ring.policy === null) return confirm("policyOpened", { policy: yield* openReleasePolicy(ctx, ref) });
      return yield* openWave(ctx, ref, ring, action);
    case "exclude":
      return yield* exclude(ctx, ref, ring, action);
    case "hurry":
      return yield* hurry(ctx, ref, ring, action);
    case "suspend":
    case "approve": {
      const status = action.kind === "suspend" ? "suspended" : "approved";
      const reach = reachOf(ring.waveGroups, exclusionsOf(ring.state));
      const policy = yield* withPolicy(ctx, ref, ring, reach, (present) =>
        setApproval(ctx, { ...ref, policy: present, status }),
      );
      return confirm(status, { policy });
    }
    case "rollBack":
      yield* startRollBack(ctx, { ...ref, policy: ring.policy });
      return confirm("rollbackStarted");
    case "withdraw":
      yield* withdrawFromRing(ctx, { ...ref, policy: ring.policy, rolledBack: ring.state.rollback !== null });
      return confirm("withdrawn");
    default:
      // The update becomes the ring's standing one only when the whole release has completed.
      return confirm("finished");
  }
}

/** Groups that a policy reaches and leaves out. */
interface Reach {
  readonly groupIds: string[];
  readonly excludedGroupIds: string[];
}

function reachOf(groupIds: readonly string[], excludedGroupIds: readonly string[]): Reach {
  return { groupIds: [...groupIds], excludedGroupIds: [...excludedGroupIds] };
}

/** Changes the ring's policy. One that somebody deleted in the tenant is made again, with its groups. */
function* withPolicy(
  ctx: Orchestration,
  ref: ActRef,
  ring: ReleaseRing,
  reach: Reach,
  change: (policy: Policy) => Durable<void>,
): Durable<Policy> {
  try {
    if (ring.policy !== null) {
      yield* change(ring.policy);
      return ring.policy;
    }
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
  const policy = yield* openReleasePolicy(ctx, ref);
  yield* change(policy);
  if (reach.groupIds.length > 0) yield* assignWaves(ctx, { ...ref, policy, ...reach });
  return policy;
}

/**
 * The ring with another target. Where its own directory group was made again, what is offered to the lost one is offered
 * to the new one.
 */
export function* retarget(
  ctx: Orchestration,
  ref: ActRef,
  ring: ReleaseRing,
  target: ReleaseRing["target"],
): Durable<ReleaseRing> {
  const waveGroups = movedGroups(ring.waveGroups, ring.target, target);
  const moved = { ...ring, target, waveGroups };
  if (ring.policy === null || waveGroups.every((id) => ring.waveGroups.includes(id))) return moved;
  return { ...moved, policy: yield* assign(ctx, ref, moved, reachOf(waveGroups, exclusionsOf(ring.state))) };
}

function assign(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, reach: Reach): Durable<Policy> {
  return withPolicy(ctx, ref, ring, reach, (policy) => assignWaves(ctx, { ...ref, policy, ...reach }));
}

type Exclude = Extract<RingAction, { kind: "exclude" }>;

/**
 * Leaves other hold groups out of what is offered. In a ring that has completed, devices of a released hold are marked
 * as offered first; a policy that has been handed over already has nothing to leave out.
 */
function* exclude(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, action: Exclude): Durable<ReleaseRing> {
  const { groups, wave } = action;
  const at = nowOf(ctx);
  if (wave !== null) yield* markWaveOffered(ctx, { ...ref, wave, devices: null, last: true, at });
  const policy = ring.policy === null ? null : yield* assign(ctx, ref, ring, reachOf(ring.waveGroups, groups));
  const state = applyRingEvent(ring.state, { type: "excluded", at, groups, wave });
  return { ...ring, policy, state };
}

type Hurry = Extract<RingAction, { kind: "hurry" }>;

/** Tells devices of the expedite, as far as the ring has offered, or that it is over. */
function* hurry(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, { brought }: Hurry): Durable<ReleaseRing> {
  const reach = brought === null ? null : reachOf(brought.waves === 0 ? [] : ring.waveGroups, brought.excluded);
  yield* hurryRing(ctx, { ...ref, reach });
  return { ...ring, state: applyRingEvent(ring.state, { type: "hurried", at: nowOf(ctx), brought }) };
}

type OpenWave = Extract<RingAction, { kind: "openWave" }>;

/** The ledger first, so that no device reports before it is known to be offered; then Graph, wave by wave (L2). */
function* openWave(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, action: OpenWave): Durable<ReleaseRing> {
  const { wave, devices, last } = action;
  const at = nowOf(ctx);
  const offer = { wave, devices, last, at };
  yield* markWaveOffered(ctx, { ...ref, ...offer });
  const waveGroups = last ? [ring.target.entraGroupId] : yield* addWaveGroup(ctx, ref, ring, offer);
  const excluded = exclusionsOf(ring.state, last);
  const policy = yield* assign(ctx, ref, ring, reachOf(waveGroups, excluded));
  const state = applyRingEvent(ring.state, { type: "waveOpened", wave, at, excluded });
  return { ...ring, policy, waveGroups, openedAt: ring.openedAt ?? at, state };
}

function* addWaveGroup(
  ctx: Orchestration,
  ref: RingRef,
  ring: ReleaseRing,
  wave: { wave: number; devices: number | null; last: boolean; at: number },
): Durable<string[]> {
  const { groupId, replicationSeconds } = yield* fillWaveGroup(ctx, { ...ref, ...wave });
  yield ctx.df.createTimer(new Date(nowOf(ctx) + replicationSeconds * 1000));
  return [...new Set([...ring.waveGroups, groupId])];
}
