import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { graphClient } from "../../shared/graph/client.js";
import { listRingDevices } from "../../shared/graph/inventory.js";
import { tagOf } from "../../shared/graph/names.js";
import type { ReleasePolicyRef, RingTarget } from "../../shared/graph/offering/types.js";
import { absentWhenMissing } from "../../shared/graph/settle.js";
import { setQualityPause } from "../../shared/graph/update-rings.js";
import type { RingSettings } from "../../shared/groups/ring.js";
import { waveCounts } from "../../shared/groups/waves.js";
import { ledger } from "../../shared/ledger/index.js";
import type { RingEvent } from "../../shared/releases/ring-events.js";
import { inboxOf } from "../../shared/releases/ring-inbox.js";
import { type RingCounts, RingPhase } from "../../shared/releases/ring-state.js";
import { type ReleaseRing, readRelease, readRing, saveRing } from "../../shared/releases/store.js";
import { UpdateState } from "../../shared/updates/up-to-date.js";
import { isQuality } from "../../shared/updates/update.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";
import { releaseOffering } from "./release-offering.js";
import { actInTenant, recordAct, recordPhase } from "./ring-audit.js";

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
  /** What its offers go to from now on. */
  readonly target?: RingTarget;
}

/** What happened to the ring since: events from the release, and the ledger's counts. */
export const observeRing = activity({
  name: "observeRing",
  input: ringRef.extend({ seen: z.array(z.string()), rollingBack: z.boolean() }),
  run: async ({ releaseId, ring, seen, rollingBack }): Promise<RingNews> => {
    const known = new Set(seen);
    const letters = (await inboxOf(releaseId))(ring).filter(({ key }) => !known.has(key));
    const target = letters.findLast((letter) => letter.target !== undefined)?.target;
    const counts = await countsOf(releaseId, ring, rollingBack);
    const progress: RingEvent[] = counts === null ? [] : [{ type: "progress", at: clock.now(), counts }];
    return {
      events: [...letters.map(({ event }) => event), ...progress],
      seen: letters.map(({ key }) => key),
      settings: letters.findLast(({ settings }) => settings !== undefined)?.settings ?? null,
      ...(target === undefined ? {} : { target }),
    };
  },
});

/**
 * The ledger's counts of a ring; null before its devices are enrolled. While it rolls back, Intune is asked as well: a
 * device that never reports still has the update if its build says so (graph.md §7 L4).
 */
async function countsOf(releaseId: string, ring: string, rollingBack: boolean): Promise<RingCounts | null> {
  const counts = (await (await ledger()).summary(releaseId)).rings[ring];
  if (counts === undefined) return null;
  if (!rollingBack) return counts;
  const [{ target }, { update }] = await Promise.all([readRing(releaseId, ring), readRelease(releaseId)]);
  const devices = await listRingDevices(graphClient(), target.entraGroupId);
  const { stateOf } = workloadFor(update);
  const has = (osVersion: string | null) => stateOf({ osVersion }, update) === UpdateState.upToDate;
  const stillThere = devices.filter(({ managed }) => has(managed?.osVersion ?? null)).length;
  return { ...counts, upToDate: Math.max(counts.upToDate, stillThere) };
}

/** Keeps the ring's state for the API and for the orchestration's next generation, and tells the release. */
export const recordRing = activity({
  name: "recordRing",
  input: z.object({
    ring: z.custom<ReleaseRing>((value) => typeof value === "object" && value !== null),
    /** The phase it was in before. */
    was: z.enum(RingPhase),
    /** Whether the release has to know. */
    tell: z.boolean(),
  }),
  run: async ({ ring, was, tell }, { at, client }) => {
    if (ring.state.phase !== was) await recordPhase(ring, at);
    await saveRing(ring);
    if (tell) await rouse(client, RELEASE, ring.releaseId, { releaseId: ring.releaseId });
  },
});

/**
 * The ring's revision on which an act was decided. An activity can run again long after its orchestration has gone on
 * (its message was delivered twice); then the ring has a newer revision, and the act is no longer wanted.
 */
export const actInput = ringRef.extend({ revision: z.int() });

/** Whether the ring has gone on since an act was decided. */
export async function isOutdated({ releaseId, ring, revision }: z.infer<typeof actInput>): Promise<boolean> {
  return (await readRing(releaseId, ring)).revision > revision;
}

const waveInput = ringRef.extend({
  wave: z.int().min(0),
  /** Of a granted wave; null: the wave's share by the ring's plan. */
  devices: z.int().min(0).nullable(),
  last: z.boolean(),
  at: z.number(),
});

/** Marks the wave's devices as offered, before any of them can be. Returns how many there are. */
export const markWaveOffered = activity({
  name: "markWaveOffered",
  input: waveInput,
  run: async (wave) => ({ count: (await offerWave(wave)).count }),
});

/** The same wave again gives the same devices. */
async function offerWave(input: z.infer<typeof waveInput>) {
  const { releaseId, ring, wave, last, at } = input;
  const choose = last ? ("rest" as const) : { count: input.devices ?? (await plannedCount(input)) };
  return (await ledger()).offerWave(releaseId, ring, wave, choose, new Date(at).toISOString());
}

async function plannedCount({ releaseId, ring, wave }: z.infer<typeof waveInput>): Promise<number> {
  const { state } = await readRing(releaseId, ring);
  const size = (await (await ledger()).summary(releaseId)).rings[ring]?.size ?? 0;
  return waveCounts(size, state.plan.waves)[wave] ?? 0;
}

/** The policy that offers the release to the ring: update approved, nobody in it yet (graph.md §7 L2). */
export const openReleasePolicy = activity({
  name: "openReleasePolicy",
  input: ringRef,
  run: async ({ releaseId, ring }, { at }): Promise<ReleasePolicyRef> => {
    const [{ target }, { update }] = await Promise.all([readRing(releaseId, ring), readRelease(releaseId)]);
    const { catalogEntryId } = update;
    const evidence = { catalogEntryId, tag: tagOf(target, releaseId) };
    return actInTenant({ releaseId, ring, action: "ring.open", at, evidence }, (tenant) =>
      tenant.openRelease({ releaseKey: releaseId, ring: target, catalogEntryId }),
    );
  },
});

/** A directory group with the wave's devices; policies may name it once it has replicated. */
export const fillWaveGroup = activity({
  name: "fillWaveGroup",
  input: waveInput,
  run: async (input, { at }) => {
    const { releaseId, ring, wave } = input;
    const { objectIds } = await offerWave(input);
    const { target } = await readRing(releaseId, ring);
    const evidence = { wave, devices: objectIds.length, tag: tagOf(target, releaseId) };
    return actInTenant({ releaseId, ring, action: "ring.wave", at, evidence }, async (tenant) => {
      const { groupId } = await tenant.createWaveGroup({ releaseKey: releaseId, ring: target, wave });
      const { gone } = await tenant.addWaveMembers(groupId, objectIds);
      return { groupId, gone: [...gone], replicationSeconds: config().GROUP_REPLICATION_SECONDS };
    });
  },
});

const policyInput = actInput.extend({
  policy: z.custom<ReleasePolicyRef>((value) => typeof value === "object" && value !== null),
});

/** Lets the policy reach exactly these groups and leave out those of held cohorts, read back and verified. */
export const assignWaves = activity({
  name: "assignWaves",
  input: policyInput.extend({ groupIds: z.array(z.string()), excludedGroupIds: z.array(z.string()) }),
  run: async ({ policy, groupIds, excludedGroupIds, ...act }, { at }) => {
    if (await isOutdated(act)) return;
    await (await releaseOffering(act.releaseId)).setWaveGroups(policy, groupIds, excludedGroupIds);
    const evidence = {
      groups: groupIds.length,
      ...(excludedGroupIds.length === 0 ? {} : { excluded: excludedGroupIds.length }),
    };
    await recordAct({ ...act, action: "ring.offer", at, evidence });
  },
});

/** Suspends the release's approval in the ring, or approves it again (graph.md §7 L3), read back and verified. */
export const setApproval = activity({
  name: "setApproval",
  input: policyInput.extend({ status: z.enum(["approved", "suspended"]) }),
  run: async ({ policy, status, ...act }, { at }) => {
    if (await isOutdated(act)) return;
    await (await releaseOffering(act.releaseId)).setApproval(policy, status);
    await recordAct({ ...act, action: `ring.${status}`, at });
  },
});

const formerPolicyInput = actInput.extend({ policy: policyInput.shape.policy.nullable() });

/**
 * Has the ring's devices uninstall the update at their next check-in (graph.md §7 L4). Without a policy of its own the
 * release had completed, and the ring's standing policy carries it.
 */
export const startRollBack = activity({
  name: "startRollBack",
  input: formerPolicyInput,
  run: async ({ policy, ...act }, { at }) => {
    if (await isOutdated(act)) return;
    const tenant = await releaseOffering(act.releaseId);
    const [{ target }, { update }] = await Promise.all([readRing(act.releaseId, act.ring), readRelease(act.releaseId)]);
    const { catalogEntryId } = update;
    const { model } = tenant;
    const standing = { ...(await tenant.ensureStandingPolicy(target)), model, catalogEntryId, tag: "" };
    // A policy that somebody deleted offers nothing any more.
    await absentWhenMissing(tenant.setApproval(policy ?? standing, "suspended"));
    await tenant.rollBack(target, catalogEntryId);
    await recordAct({ ...act, action: "ring.rollBack", at });
  },
});

/** Removes what was made for the release in this ring; after a rollback devices may install quality updates again. */
export const withdrawFromRing = activity({
  name: "withdrawFromRing",
  input: formerPolicyInput.extend({ rolledBack: z.boolean() }),
  run: async ({ policy, rolledBack, ...act }, { at }) => {
    if (await isOutdated(act)) return;
    const tenant = await releaseOffering(act.releaseId);
    const [{ target }, { update }] = await Promise.all([readRing(act.releaseId, act.ring), readRelease(act.releaseId)]);
    if (policy !== null) await tenant.withdraw(policy);
    if (rolledBack) {
      await tenant.endRollBack(target);
      // A rollback also paused quality updates of the ring (autopatch.md §5.6); the next release must find them running.
      if (isQuality(update)) await setQualityPause(graphClient(), target.updateRingPolicyId, false);
    }
    await recordAct({ ...act, action: "ring.withdraw", at });
  },
});
