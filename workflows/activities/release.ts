import * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import type { Question } from "../../shared/approvals/questions.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { gateSteps } from "../../shared/gate/steps.js";
import { graphClient } from "../../shared/graph/client.js";
import { offering } from "../../shared/graph/offering/offering.js";
import { ledger, type ReleaseSummary } from "../../shared/ledger/index.js";
import type { Advance, ReleaseNews, RingNews } from "../../shared/releases/advance.js";
import { commandsOf } from "../../shared/releases/commands.js";
import { logDecisions } from "../../shared/releases/decisions.js";
import { lettersOf, postToRing } from "../../shared/releases/ring-inbox.js";
import {
  listRings,
  type Release,
  type ReleaseRing,
  readRelease,
  saveRelease,
  saveRing,
} from "../../shared/releases/store.js";
import { startOnce, wake } from "../client.js";
import { activity } from "../durable.js";
import { APPROVAL, approvalInstance, RING, ringInstance } from "../names.js";
import { ensureRingPolicies } from "./group-policies.js";

export const releaseRef = z.object({ releaseId: z.string().min(1) });

/** The release as it was saved last. */
export const loadRelease = activity({
  name: "loadRelease",
  input: releaseRef,
  run: ({ releaseId }) => readRelease(releaseId),
});

/** Everything that happened to the release since: commands, news of its rings, and counts from one query. */
export const observeRelease = activity({
  name: "observeRelease",
  input: releaseRef.extend({ handled: z.array(z.string()) }),
  run: async ({ releaseId, handled }): Promise<ReleaseNews> => {
    const [commands, rings, summary] = await Promise.all([
      commandsOf(releaseId),
      listRings(releaseId),
      (await ledger()).summary(releaseId),
    ]);
    const known = new Set(handled);
    return {
      commands: commands.filter(({ key }) => !known.has(key)),
      rings: await Promise.all(rings.map(newsOf)),
      steps: stepsOf(summary, rings),
      offered: sumOf(summary, "offered"),
      rolledBack: sumOf(summary, "rolledBack"),
    };
  },
});

/** Gate steps of a release, each with the arrival curve of its ring's deadline. */
export function stepsOf(summary: ReleaseSummary, rings: readonly ReleaseRing[]) {
  const days = new Map(rings.map(({ ring, state }) => [ring, state.plan.deadlineDays ?? state.plan.installDays]));
  return gateSteps(summary, (ring) => days.get(ring) ?? 0);
}

export function sumOf(summary: ReleaseSummary, count: "offered" | "rolledBack"): number {
  return Object.values(summary.rings).reduce((sum, ring) => sum + ring[count], 0);
}

async function newsOf({ releaseId, ring, state, seen, openedAt, endedAt }: ReleaseRing): Promise<RingNews> {
  const known = new Set(seen);
  const letters = await lettersOf(releaseId, ring);
  const behind = letters.some(({ key }) => !known.has(key));
  return { ring, phase: state.phase, openedAt, endedAt, outcome: state.outcome, behind };
}

/**
 * Writes what an advance decided: the release, its decisions and audit entries, events for its rings, questions to
 * people. Letters go first: whatever is repeated is found again by its key.
 */
export const recordRelease = activity({
  name: "recordRelease",
  input: z.object({ advance: z.custom<Advance>((value) => typeof value === "object" && value !== null) }),
  run: async ({ advance }, context) => {
    const client = df.getClient(context);
    const { release, letters, decisions, questions } = advance;
    for (const { ring, key, event } of letters) await postToRing(release.id, ring, { key, event });
    await logDecisions(release.id, decisions);
    await auditAdvance(advance);
    await saveRelease(release);
    for (const question of questions) await ask(client, question);
    // Before that, rings find their letters when they are started.
    const told = release.prepared ? new Set(letters.map(({ ring }) => ring)) : [];
    for (const ring of told) await tellRing(client, release, ring);
  },
});

/** A ring whose orchestration has ended takes up again when there is news for it. */
async function tellRing(client: df.DurableClient, release: Release, ring: string): Promise<void> {
  const instance = ringInstance(release.id, ring);
  await startOnce(client, RING, instance, { releaseId: release.id, ring });
  await wake(client, instance);
}

async function ask(client: df.DurableClient, question: Question): Promise<void> {
  await startOnce(client, APPROVAL, approvalInstance(question.id), { question });
}

async function auditAdvance({ release, decisions, applied, refused }: Advance): Promise<void> {
  const target = `release/${release.id}`;
  for (const { key, actor, command } of applied) {
    const justification = "justification" in command ? command.justification : undefined;
    const rings = "rings" in command ? { rings: command.rings } : undefined;
    const entry = {
      at: command.at,
      actor: { ...actor, role: SERVICE.role },
      target,
      key,
      justification,
      evidence: rings,
    };
    await audit({ ...entry, action: `release.${command.kind}` });
  }
  for (const { command, reason } of refused) {
    const { key, actor } = command;
    const entry = { at: command.command.at, actor: { ...actor, role: SERVICE.role }, target, key };
    await audit({ ...entry, action: `release.${command.command.kind}.refused`, justification: reason });
  }
  for (const { at, by, verdict, enforced } of decisions) {
    const evidence = { enforced, decision: `${new Date(at).toISOString()} ${by} ${verdict}` };
    await audit({ at, actor: SERVICE, action: `release.${by}.${verdict}`, target, key: target, evidence });
  }
}

/**
 * Hands a completed release over to the standing policy of every ring that completed it (graph.md §7 L4). With the end
 * of the cycle its rings take the settings that were edited meanwhile (autopatch.md §5.4).
 */
export const finishRelease = activity({
  name: "finishRelease",
  input: releaseRef,
  run: async ({ releaseId }) => {
    const tenant = await offering(graphClient());
    const { groupId, update, endedAt } = await readRelease(releaseId);
    for (const ring of await listRings(releaseId)) {
      if (ring.policy === null || ring.state.outcome !== "completed") continue;
      await tenant.finish(ring.policy, ring.target, update.catalogEntryId);
      await saveRing({ ...ring, policy: null });
    }
    await ensureRingPolicies(groupId);
    await (await ledger()).endRelease(releaseId, new Date(endedAt ?? clock.now()).toISOString());
  },
});

/** Suspends or approves the release again in rings that had completed it when the service paused or people resumed. */
export const setCompletedRings = activity({
  name: "setCompletedRings",
  input: releaseRef.extend({ status: z.enum(["approved", "suspended"]) }),
  run: async ({ releaseId, status }) => {
    const tenant = await offering(graphClient());
    for (const { policy, state } of await listRings(releaseId)) {
      if (policy !== null && state.outcome === "completed") await tenant.setApproval(policy, status);
    }
  },
});
