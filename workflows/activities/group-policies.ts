import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { AppError } from "../../shared/errors.js";
import { graphClient } from "../../shared/graph/client.js";
import { ensureUpdateRing } from "../../shared/graph/update-rings.js";
import { type RingSettings, settingsOf } from "../../shared/groups/ring.js";
import { readGroup, type StoredGroup, writeGroup } from "../../shared/groups/store.js";
import { planRings } from "../../shared/releases/plan.js";
import { postToRing } from "../../shared/releases/ring-inbox.js";
import { listReleases, listRings } from "../../shared/releases/store.js";
import { updateKind } from "../../shared/updates/quality-update.js";
import { wake } from "../client.js";
import { activity } from "../durable.js";
import { ringInstance } from "../names.js";

export const groupRef = z.object({ groupId: z.string().min(1) });

/**
 * Creates or repairs the Intune update ring of every deployment ring of the group. A ring that has started a release
 * keeps that release's values until it ends (autopatch.md §5.4). Returns the policy ids by ring name.
 */
export async function ensureRingPolicies(groupId: string): Promise<Record<string, string>> {
  const { body: group, etag } = await readGroup(groupId);
  const running = await runningSettings(groupId);
  const graph = graphClient();
  const ids: Record<string, string> = {};
  const bindings = { ...group.bindings };
  for (const ring of group.definition.rings) {
    const binding = bindings[ring.name];
    if (binding === undefined) continue;
    const { name: groupName } = group.definition;
    const named = { groupId, groupName, ringName: ring.name, entraGroupId: binding.entraGroupId };
    const settings = running.get(ring.name) ?? settingsOf(ring);
    const { policyId } = await ensureUpdateRing(graph, named, { ring: settings, common: group.definition.common });
    ids[ring.name] = policyId;
    bindings[ring.name] = { ...binding, updateRingPolicyId: policyId };
  }
  await keepBindings({ ...group, bindings }, { body: group, etag });
  return ids;
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

/** Settings of rings that are in the middle of a release. */
async function runningSettings(groupId: string): Promise<Map<string, RingSettings>> {
  const settings = new Map<string, RingSettings>();
  for (const release of await activeReleases(groupId)) {
    for (const { ring, state, settings: started } of await listRings(release.id)) {
      if (state.phase === "active" || state.phase === "rollingBack") settings.set(ring, started);
    }
  }
  return settings;
}

export async function activeReleases(groupId: string) {
  return (await listReleases()).filter((release) => release.groupId === groupId && release.state.phase === "active");
}

/** Puts into the audit log what keeps a group's settings from reaching the tenant, for the edit itself was accepted. */
export const noteGroupProblem = activity({
  name: "noteGroupProblem",
  input: groupRef.extend({ problem: z.string() }),
  run: async ({ groupId, problem }, { at }) => {
    const entry = { at, actor: SERVICE, target: `group/${groupId}`, key: groupId, evidence: { problem } };
    await audit({ ...entry, action: "group.policies.failed" });
  },
});

/** The update rings of a group in the tenant. */
export const ensureGroupPolicies = activity({
  name: "ensureGroupPolicies",
  input: groupRef,
  run: ({ groupId }) => ensureRingPolicies(groupId),
});

/** Tells rings of running releases that have not started yet their new dates (row 52: started ones keep theirs). */
export const replanUpcomingRings = activity({
  name: "replanUpcomingRings",
  input: groupRef,
  run: async ({ groupId }, { at, client }) => {
    const { body: group, etag } = await readGroup(groupId);
    for (const release of await activeReleases(groupId)) {
      const { publishedAt, update } = release;
      const plans = planRings({ kind: updateKind(update), publishedAt, rings: group.definition.rings });
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
