import { AppError } from "../shared/errors.js";
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
    case "suspend":
    case "approve": {
      const status = action.kind === "suspend" ? "suspended" : "approved";
      const policy = yield* withPolicy(ctx, ref, ring, ring.waveGroups, (present) =>
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

/** Changes the ring's policy. One that somebody deleted in the tenant is made again, with its groups. */
function* withPolicy(
  ctx: Orchestration,
  ref: ActRef,
  ring: ReleaseRing,
  groupIds: readonly string[],
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
  if (groupIds.length > 0) yield* assignWaves(ctx, { ...ref, policy, groupIds: [...groupIds] });
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
  const policy = yield* withPolicy(ctx, ref, moved, waveGroups, (present) =>
    assignWaves(ctx, { ...ref, policy: present, groupIds: waveGroups }),
  );
  return { ...moved, policy };
}

type OpenWave = Extract<RingAction, { kind: "openWave" }>;

/** The ledger first, so that no device reports before it is known to be offered; then Graph, wave by wave (L2). */
function* openWave(ctx: Orchestration, ref: ActRef, ring: ReleaseRing, action: OpenWave): Durable<ReleaseRing> {
  const { wave, devices, last } = action;
  const at = nowOf(ctx);
  const offer = { wave, devices, last, at };
  yield* markWaveOffered(ctx, { ...ref, ...offer });
  const waveGroups = last ? [ring.target.entraGroupId] : yield* addWaveGroup(ctx, ref, ring, offer);
  const policy = yield* withPolicy(ctx, ref, ring, waveGroups, (present) =>
    assignWaves(ctx, { ...ref, policy: present, groupIds: [...waveGroups] }),
  );
  const state = applyRingEvent(ring.state, { type: "waveOpened", wave, at });
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
