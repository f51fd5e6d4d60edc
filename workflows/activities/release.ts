import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import type { Question } from "../../shared/approvals/questions.js";
import { audit } from "../../shared/audit/audit.js";
import { disturbDeployment, keepDeployment } from "../../shared/gate/baseline-store.js";
import { Disturbance } from "../../shared/gate/baselines.js";
import { absentWhenMissing } from "../../shared/graph/settle.js";
import { findGroup } from "../../shared/groups/store.js";
import { ledger } from "../../shared/ledger/index.js";
import type { Advance } from "../../shared/releases/advance.js";
import { commandsOf, type LoggedCommand, logCommand } from "../../shared/releases/commands.js";
import { decisionsOf, logDecisions, nameOf } from "../../shared/releases/decisions.js";
import { finishedDeployment } from "../../shared/releases/finished.js";
import { holdsInForce, holdsOutlive, isTrusted } from "../../shared/releases/holds.js";
import type { ReleaseNews } from "../../shared/releases/news.js";
import { newsFrom } from "../../shared/releases/news.js";
import { inboxOf, postToRing } from "../../shared/releases/ring-inbox.js";
import {
  changeRing,
  isSameLine,
  listReleases,
  listRings,
  type Release,
  readRelease,
  saveRelease,
} from "../../shared/releases/store.js";
import { targetOf } from "../../shared/releases/target.js";
import { Supersedence } from "../../shared/updates/supersedence.js";
import { isQuality, releaseKind } from "../../shared/updates/update.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, startOnce } from "../client.js";
import { activity } from "../durable.js";
import { APPROVAL, approvalInstance, RELEASE, RING, ringInstance } from "../names.js";
import { wakeMoot } from "./approval.js";
import { checkInsNow } from "./check-ins.js";
import { ensureRingPolicies } from "./group-policies.js";
import { releaseOffering } from "./release-offering.js";
import { actInTenant } from "./ring-audit.js";

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
    const [release, commands, rings, summary, lettersOf] = await Promise.all([
      readRelease(releaseId),
      commandsOf(releaseId),
      listRings(releaseId),
      (await ledger()).summary(releaseId),
      inboxOf(releaseId),
    ]);
    const known = new Set(handled);
    const unheard = commands.filter(({ key }) => !known.has(key));
    const facts = { release, rings, summary };
    return newsFrom(facts, lettersOf, unheard, await checkInsNow(facts));
  },
});

/**
 * Writes what an advance decided: the release, its decisions and audit entries, events for its rings, questions to
 * people. Letters go first: whatever is repeated is found again by its key.
 */
export const recordRelease = activity({
  name: "recordRelease",
  input: z.object({ advance: z.custom<Advance>((value) => typeof value === "object" && value !== null) }),
  run: async ({ advance }, { at, client }) => {
    const { release, letters, decisions, questions } = advance;
    for (const { ring, key, event } of letters) await postToRing(release.id, ring, { key, event });
    await logDecisions(release.id, decisions);
    await auditAdvance(advance);
    await correctBaseline(advance);
    await saveRelease(release);
    for (const question of questions) await ask(client, question);
    await wakeMoot(client, release, at);
    // Before that, rings find their letters when they are started.
    const told = release.prepared ? new Set(letters.map(({ ring }) => ring)) : [];
    for (const ring of told) await tellRing(client, release, ring);
  },
});

/** What is rolled back after its release had finished teaches nothing from then on. */
async function correctBaseline({ release, applied }: Advance): Promise<void> {
  if (!applied.some(({ command }) => command.kind === "rollBack")) return;
  await disturbDeployment(releaseKind(release.update), release.id, Disturbance.rolledBack);
}

/** A ring whose orchestration has ended takes up again when there is news for it. */
async function tellRing(client: df.DurableClient, release: Release, ring: string): Promise<void> {
  await rouse(client, RING, ringInstance(release.id, ring), { releaseId: release.id, ring });
}

async function ask(client: df.DurableClient, question: Question): Promise<void> {
  await startOnce(client, APPROVAL, approvalInstance(question.id), { question });
}

async function auditAdvance({ release, decisions, applied, refused, ended }: Advance): Promise<void> {
  const target = `release/${release.id}`;
  for (const logged of applied) await audit({ ...entryOf(target, logged), action: `release.${logged.command.kind}` });
  for (const { command: logged, reason } of refused) {
    const entry = entryOf(target, logged);
    const action = `release.${logged.command.kind}.refused`;
    await audit({ ...entry, action, evidence: { ...entry.evidence, reason } });
  }
  for (const decision of decisions) {
    const { at, by, verdict, enforced } = decision;
    const evidence = { enforced, decision: `${new Date(at).toISOString()} ${nameOf(decision)}` };
    const key = `${target} ${nameOf(decision)}`;
    await audit({ at, actor: SERVICE, action: `release.${by}.${verdict}`, target, key, evidence });
  }
  if (ended === null) return;
  const evidence = { outcome: ended };
  await audit({ at: release.endedAt ?? 0, actor: SERVICE, action: "release.end", target, key: target, evidence });
}

/** A command for the audit log: its reasons as justification, what it asked for as evidence. */
function entryOf(target: string, { key, actor, command }: LoggedCommand) {
  const { at, justification, kind: _kind, by: _by, ...evidence } = { justification: undefined, by: "", ...command };
  return { at, actor, target, key, justification, evidence };
}

/**
 * Hands a release over to the standing policy of every ring that completed it (graph.md §7 L4), or takes it back where
 * people ended it or the service had paused it: what was stopped must not be approved for good. While cohorts are held,
 * the rings that completed it keep its policies, which leave these devices out: a standing policy would offer it to
 * them. Handed over, it also ends the holds of its predecessors. With the end of the cycle its rings take the settings
 * that were edited meanwhile (autopatch.md §5.4). What it has shown is kept for the releases to come.
 */
export const finishRelease = activity({
  name: "finishRelease",
  input: releaseRef,
  run: async ({ releaseId }, { at, client }) => {
    const release = await readRelease(releaseId);
    const { groupId, groupName, endedAt, holds } = release;
    if (!holdsOutlive(release)) {
      await handOver(release, at);
      if (holds.some((hold) => hold.groupId !== null)) {
        await (await releaseOffering(releaseId)).removeHoldGroups({ releaseKey: releaseId, groupId, groupName });
        const target = `release/${releaseId}`;
        await audit({ at, actor: SERVICE, action: "release.hold.removeGroups", target, key: target });
      }
      if (isTrusted(release)) await endOlderHolds(client, release, at);
    }
    if (isQuality(release.update)) await ensureRingPolicies(groupId);
    await keepWhatItTaught(releaseId, endedAt ?? at);
    await (await ledger()).endRelease(releaseId, new Date(endedAt ?? at).toISOString());
  },
});

/** Later releases are judged by what this one has shown (gate.md §2). */
async function keepWhatItTaught(releaseId: string, finishedAt: number): Promise<void> {
  const [release, rings, summary, decisions, inbox] = await Promise.all([
    readRelease(releaseId),
    listRings(releaseId),
    (await ledger()).summary(releaseId),
    decisionsOf(releaseId),
    inboxOf(releaseId),
  ]);
  const letters = rings.flatMap(({ ring }) => inbox(ring));
  await keepDeployment(finishedDeployment({ release, rings, summary, decisions, letters }, finishedAt));
}

/** To the standing policies of the rings that completed a release, or out of them. */
async function handOver(release: Release, at: number): Promise<void> {
  const { id: releaseId, groupId, update } = release;
  const group = (await findGroup(groupId))?.body;
  const trusted = isTrusted(release);
  for (const { ring, target, policy, state } of await listRings(releaseId)) {
    if (policy === null || state.outcome !== "completed") continue;
    const { catalogEntryId } = update;
    // Its directory group may have been made again since, and the standing policy has the group's present settings.
    const present = (group && targetOf(group, ring)) ?? target;
    const evidence = { catalogEntryId, tag: policy.tag };
    await actInTenant({ releaseId, ring, action: trusted ? "ring.finish" : "ring.withdraw", at, evidence }, (tenant) =>
      trusted ? tenant.finish(policy, present, catalogEntryId) : tenant.withdraw(policy),
    );
    await changeRing(releaseId, ring, { policy: null });
  }
}

/** What older releases of the group still hold is over: their devices have been offered a newer update. */
async function endOlderHolds(client: df.DurableClient, newer: Release, at: number): Promise<void> {
  for (const older of await listReleases()) {
    if (!isSameLine(older, newer) || !replaces(newer, older)) continue;
    await supersedeHolds(client, older, newer.id, at);
  }
}

/** Of quality updates the later one is the latest whatever it replaces; elsewhere the workload says. */
function replaces(newer: Release, older: Release): boolean {
  if (older.publishedAt >= newer.publishedAt) return false;
  const { supersedence } = workloadFor(newer.update);
  return isQuality(newer.update) || supersedence(newer.update, older.update) !== Supersedence.none;
}

/** Ends the holds of a release that has ended; one that still runs keeps them. */
export async function supersedeHolds(client: df.DurableClient, release: Release, by: string, at: number) {
  if (release.state.phase !== "ended" || holdsInForce(release).length === 0) return;
  const command = { kind: "supersedeHolds", at, by } as const;
  await logCommand(release.id, { key: `supersedeHolds ${by}`, actor: SERVICE, command });
  await rouse(client, RELEASE, release.id, { releaseId: release.id });
}

/** Suspends or approves the release again in rings that had completed it when the service paused or people resumed. */
export const setCompletedRings = activity({
  name: "setCompletedRings",
  input: releaseRef.extend({ status: z.enum(["approved", "suspended"]) }),
  run: async ({ releaseId, status }, { at }) => {
    for (const { ring, policy, state } of await listRings(releaseId)) {
      if (policy === null || state.outcome !== "completed") continue;
      // A policy that somebody deleted offers nothing any more.
      await actInTenant({ releaseId, ring, action: `ring.${status}`, at }, (tenant) =>
        absentWhenMissing(tenant.setApproval(policy, status)),
      );
    }
  },
});
