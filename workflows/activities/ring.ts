import * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { graphClient } from "../../shared/graph/client.js";
import { offering } from "../../shared/graph/offering/offering.js";
import type { ReleasePolicyRef } from "../../shared/graph/offering/types.js";
import { setQualityPause } from "../../shared/graph/update-rings.js";
import type { RingSettings } from "../../shared/groups/ring.js";
import { waveCounts } from "../../shared/groups/waves.js";
import { ledger } from "../../shared/ledger/index.js";
import type { RingEvent } from "../../shared/releases/ring-events.js";
import { lettersOf } from "../../shared/releases/ring-inbox.js";
import { type ReleaseRing, readRelease, readRing, saveRing } from "../../shared/releases/store.js";
import { wake } from "../client.js";
import { activity } from "../durable.js";

export const ringRef = z.object({ releaseId: z.string().min(1), ring: z.string().min(1) });
export type RingRef = z.infer<typeof ringRef>;

/** The ring as it was saved last. */
export const loadRing = activity({
  name: "loadRing",
  input: ringRef,
  run: ({ releaseId, ring }) => readRing(releaseId, ring),
});

interface RingNews {
  readonly events: RingEvent[];
  readonly seen: string[];
  /** New settings of the group for this ring. */
  readonly settings: RingSettings | null;
}

/** What happened to the ring since: events from the release, and the ledger's counts. */
export const observeRing = activity({
  name: "observeRing",
  input: ringRef.extend({ seen: z.array(z.string()) }),
  run: async ({ releaseId, ring, seen }): Promise<RingNews> => {
    const known = new Set(seen);
    const letters = (await lettersOf(releaseId, ring)).filter(({ key }) => !known.has(key));
    const counts = (await (await ledger()).summary(releaseId)).rings[ring];
    const progress: RingEvent[] = counts === undefined ? [] : [{ type: "progress", at: clock.now(), counts }];
    return {
      events: [...letters.map(({ event }) => event), ...progress],
      seen: letters.map(({ key }) => key),
      settings: letters.findLast(({ settings }) => settings !== undefined)?.settings ?? null,
    };
  },
});

/** Keeps the ring's state for the API and for the orchestration's next generation, and tells the release. */
export const recordRing = activity({
  name: "recordRing",
  input: z.object({ ring: z.custom<ReleaseRing>((value) => typeof value === "object" && value !== null) }),
  run: async ({ ring }, context) => {
    const before = await readRing(ring.releaseId, ring.ring);
    await saveRing(ring);
    if (before.state.phase !== ring.state.phase) await wake(df.getClient(context), ring.releaseId);
  },
});

const waveInput = ringRef.extend({ wave: z.int().min(0), last: z.boolean(), at: z.number() });

/** Marks the wave's devices as offered, before any of them can be. Returns how many there are. */
export const markWaveOffered = activity({
  name: "markWaveOffered",
  input: waveInput,
  run: async ({ releaseId, ring, wave, last, at }) => {
    const { state } = await readRing(releaseId, ring);
    const books = await ledger();
    const size = (await books.summary(releaseId)).rings[ring]?.size ?? 0;
    const choose = last ? ("rest" as const) : { count: waveCounts(size, state.plan.waves)[wave] ?? 0 };
    const { count } = await books.offerWave(releaseId, ring, wave, choose, new Date(at).toISOString());
    return { count };
  },
});

/** The policy that offers the release to the ring: update approved, nobody in it yet (graph.md §7 L2). */
export const openReleasePolicy = activity({
  name: "openReleasePolicy",
  input: ringRef,
  run: async ({ releaseId, ring }): Promise<ReleasePolicyRef> => {
    const [{ target }, { update }] = await Promise.all([readRing(releaseId, ring), readRelease(releaseId)]);
    const { catalogEntryId } = update;
    return (await offering(graphClient())).openRelease({ releaseKey: releaseId, ring: target, catalogEntryId });
  },
});

/** A directory group with the wave's devices; policies may name it once it has replicated. */
export const fillWaveGroup = activity({
  name: "fillWaveGroup",
  input: waveInput,
  run: async ({ releaseId, ring, wave, at }) => {
    const { target, state } = await readRing(releaseId, ring);
    const books = await ledger();
    const size = (await books.summary(releaseId)).rings[ring]?.size ?? 0;
    const count = waveCounts(size, state.plan.waves)[wave] ?? 0;
    const { objectIds } = await books.offerWave(releaseId, ring, wave, { count }, new Date(at).toISOString());
    const tenant = await offering(graphClient());
    const { groupId } = await tenant.createWaveGroup({ releaseKey: releaseId, ring: target, wave });
    const { gone } = await tenant.addWaveMembers(groupId, objectIds);
    return { groupId, gone: [...gone], replicationSeconds: config().GROUP_REPLICATION_SECONDS };
  },
});

const policyInput = ringRef.extend({
  policy: z.custom<ReleasePolicyRef>((value) => typeof value === "object" && value !== null),
});

/** Lets the policy reach exactly these groups, read back and verified. */
export const assignWaves = activity({
  name: "assignWaves",
  input: policyInput.extend({ groupIds: z.array(z.string()) }),
  run: async ({ releaseId, ring, policy, groupIds }) => {
    await (await offering(graphClient())).setWaveGroups(policy, groupIds, []);
    await record("ring.offer", releaseId, ring, { groups: groupIds.length });
  },
});

/** Suspends the release's approval in the ring, or approves it again (graph.md §7 L3), read back and verified. */
export const setApproval = activity({
  name: "setApproval",
  input: policyInput.extend({ status: z.enum(["approved", "suspended"]) }),
  run: async ({ releaseId, ring, policy, status }) => {
    await (await offering(graphClient())).setApproval(policy, status);
    await record(`ring.${status}`, releaseId, ring);
  },
});

const formerPolicyInput = ringRef.extend({ policy: policyInput.shape.policy.nullable() });

/**
 * Has the ring's devices uninstall the update at their next check-in (graph.md §7 L4). Without a policy of its own the
 * release had completed, and the ring's standing policy carries it.
 */
export const startRollBack = activity({
  name: "startRollBack",
  input: formerPolicyInput,
  run: async ({ releaseId, ring, policy }) => {
    const tenant = await offering(graphClient());
    const [{ target }, { update }] = await Promise.all([readRing(releaseId, ring), readRelease(releaseId)]);
    const { catalogEntryId } = update;
    const { model } = tenant;
    const standing = { ...(await tenant.ensureStandingPolicy(target)), model, catalogEntryId, tag: "" };
    await tenant.setApproval(policy ?? standing, "suspended");
    await tenant.rollBack(target);
    await record("ring.rollBack", releaseId, ring);
  },
});

/** Removes what was made for the release in this ring; after a rollback devices may install quality updates again. */
export const withdrawFromRing = activity({
  name: "withdrawFromRing",
  input: formerPolicyInput.extend({ rolledBack: z.boolean() }),
  run: async ({ releaseId, ring, policy, rolledBack }) => {
    const tenant = await offering(graphClient());
    const { target } = await readRing(releaseId, ring);
    if (policy !== null) await tenant.withdraw(policy);
    if (rolledBack) {
      await tenant.endRollBack(target);
      // A rollback also paused quality updates of the ring (autopatch.md §5.6); the next release must find them running.
      await setQualityPause(graphClient(), target.updateRingPolicyId, false);
    }
    await record("ring.withdraw", releaseId, ring);
  },
});

async function record(
  action: string,
  releaseId: string,
  ring: string,
  evidence?: Record<string, unknown>,
): Promise<void> {
  const target = `release/${releaseId}/ring/${ring}`;
  await audit({ at: clock.now(), actor: SERVICE, action, target, evidence, key: target });
}
