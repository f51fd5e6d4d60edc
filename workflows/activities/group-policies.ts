import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { graphClient } from "../../shared/graph/client.js";
import { runningQualityReleases, runningReleases } from "../../shared/groups/in-release.js";
import { type RingSettings, settingsOf } from "../../shared/groups/ring.js";
import {
  changeGroup,
  findGroup,
  GroupStatus,
  readGroup,
  type StoredGroup,
  writeGroup,
} from "../../shared/groups/store.js";
import { noteSwitchProblem } from "../../shared/inventory/switch.js";
import { type EnsureInput, ensurePolicies, renamePolicies } from "../../shared/policies/ensure.js";
import { settingsInForce, wantedHurry } from "../../shared/releases/ring-expedite.js";
import { postToRing } from "../../shared/releases/ring-inbox.js";
import { listRings } from "../../shared/releases/store.js";
import { hasMoved, targetOf } from "../../shared/releases/target.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, wake } from "../client.js";
import { activity } from "../durable.js";
import { RING, ringInstance } from "../names.js";

export const groupRef = z.object({ groupId: z.string().min(1) });

/**
 * Brings every policy of the group to the tenant. A ring that has started a release keeps that release's values until it
 * ends (autopatch.md §5.4). Returns the ids of the update rings by ring; a group that is no more has none.
 */
export async function ensureRingPolicies(groupId: string, at = clock.now()): Promise<Record<string, string>> {
  const before = await findGroup(groupId);
  if (before === undefined || before.body.status === GroupStatus.deleting) return {};
  const group = before.body;
  const policies = await ensurePolicies(graphClient(), await policyInput(group, at));
  const ids: Record<string, string> = {};
  const bindings = { ...group.bindings };
  for (const { name } of group.definition.rings) {
    const [binding, updateRingPolicyId] = [bindings[name], policies[name]?.updateRing];
    if (binding === undefined || updateRingPolicyId === undefined) continue;
    ids[name] = updateRingPolicyId;
    bindings[name] = { ...binding, updateRingPolicyId };
  }
  await keepBindings({ ...group, bindings }, before);
  return ids;
}

async function policyInput(group: StoredGroup, at: number): Promise<EnsureInput> {
  const running = Object.fromEntries(await runningSettings(group.id, at));
  return { group, running, allDevicesGroupId: group.allDevicesGroupId ?? null, at };
}

/**
 * Writes the policies' ids. An edit of the group meanwhile is `unavailable`: what was brought to the tenant is no longer
 * what it says, and two edits at once must end with the newer one.
 */
async function keepBindings(group: StoredGroup, before: { body: StoredGroup; etag: string }): Promise<void> {
  const same = JSON.stringify(group.bindings) === JSON.stringify(before.body.bindings);
  if ((await readGroup(group.id)).etag !== before.etag) throw editedMeanwhile(group.id);
  if (same) return;
  try {
    await writeGroup(group, before.etag);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    throw editedMeanwhile(group.id);
  }
}

function editedMeanwhile(groupId: string): AppError {
  const message = `Autopatch group ${groupId} was edited while its policies were written. They are written again.`;
  return new AppError("unavailable", message, { retryAfterSeconds: 1 });
}

/** Settings of rings that are in the middle of a release; those of the service while it expedites (autopatch.md §5.3). */
async function runningSettings(groupId: string, at: number): Promise<Map<string, RingSettings>> {
  const settings = new Map<string, RingSettings>();
  for (const release of await runningQualityReleases(groupId)) {
    for (const { ring, state, settings: started } of await listRings(release.id)) {
      const runs = state.phase === "active" || state.phase === "rollingBack" || wantedHurry(state, at) !== null;
      if (runs) settings.set(ring, settingsInForce(started, state, at));
    }
  }
  return settings;
}

/** Puts into the audit log what keeps a group's settings from reaching the tenant, for the edit itself was accepted. */
export const noteGroupProblem = activity({
  name: "noteGroupProblem",
  input: groupRef.extend({ problem: z.string() }),
  run: async ({ groupId, problem }, { at }) => {
    const entry = { at, actor: SERVICE, target: `group/${groupId}`, key: groupId, evidence: { problem } };
    await audit({ ...entry, action: "group.policies.failed" });
    await noteSwitchProblem(groupId, problem);
  },
});

/** The policies of a group in the tenant; returns the ids of the update rings by ring. Running releases follow. */
export const ensureGroupPolicies = activity({
  name: "ensureGroupPolicies",
  input: groupRef,
  run: async ({ groupId }, { at, client }) => {
    const policies = await ensureRingPolicies(groupId, at);
    await retargetRings(client, groupId, at);
    return policies;
  },
});

/** Tells rings of running releases whose directory group was made again, or whose hotpatch setting changed. */
async function retargetRings(client: df.DurableClient, groupId: string, at: number): Promise<void> {
  const releases = await runningReleases(groupId);
  const found = releases.length === 0 ? undefined : await findGroup(groupId);
  if (found === undefined) return;
  for (const { id: releaseId, prepared } of releases) {
    for (const { ring, target, state, policy } of await listRings(releaseId)) {
      const present = targetOf(found.body, ring);
      if (present === undefined || !hasMoved(target, present)) continue;
      if (state.phase === "ended" && policy === null) continue;
      await postToRing(releaseId, ring, {
        key: `retargeted ${found.etag}`,
        event: { type: "retargeted", at },
        target: present,
      });
      if (prepared) await rouse(client, RING, ringInstance(releaseId, ring), { releaseId, ring });
    }
  }
}

/** Gives the policies of a renamed group their new names (row 4); those that people renamed otherwise keep theirs. */
export const renameGroupPolicies = activity({
  name: "renameGroupPolicies",
  input: groupRef,
  run: async ({ groupId }, { at }) => {
    const { body: group } = await readGroup(groupId);
    if (group.renamedFrom === undefined) return;
    await renamePolicies(graphClient(), await policyInput(group, at));
    await changeGroup(groupId, (current) => {
      if (current.definition.name !== group.definition.name) return current;
      const { renamedFrom: _done, ...rest } = current;
      return rest;
    });
  },
});

/** Tells rings of running releases that have not started yet their new dates (row 52: started ones keep theirs). */
export const replanUpcomingRings = activity({
  name: "replanUpcomingRings",
  input: groupRef,
  run: async ({ groupId }, { at, client }) => {
    const { body: group, etag } = await readGroup(groupId);
    for (const release of await runningReleases(groupId)) {
      const plans = workloadFor(release.update).plan(release.update, group);
      for (const { ring, state } of await listRings(release.id)) {
        const plan = plans.find((candidate) => candidate.ring === ring);
        const edited = group.definition.rings.find(({ name }) => name === ring);
        if (plan === undefined || edited === undefined || state.phase !== "upcoming") continue;
        await postToRing(release.id, ring, {
          key: `replanned ${etag}`,
          event: { type: "replanned", at, plan },
          settings: settingsOf(edited),
        });
        await wake(client, ringInstance(release.id, ring));
      }
    }
  },
});
