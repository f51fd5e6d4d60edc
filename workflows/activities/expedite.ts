import type * as df from "durable-functions";
import { z } from "zod";
import { SERVICE } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { config } from "../../shared/config.js";
import { AppError } from "../../shared/errors.js";
import { expediteQuestion, needsApproval, questionIdOf } from "../../shared/expedites/approval.js";
import { recentUpdates, resolveCandidate } from "../../shared/expedites/candidates.js";
import { noteCancellation } from "../../shared/expedites/decide.js";
import { afterLook, ordersToEnd } from "../../shared/expedites/deployments.js";
import { type Expedite, ExpediteStatus } from "../../shared/expedites/expedite.js";
import { readinessTest, testDevice } from "../../shared/expedites/readiness.js";
import { noteRequest } from "../../shared/expedites/request.js";
import { changeExpedite, readExpedite, unfinishedExpedites } from "../../shared/expedites/store.js";
import type { CatalogueUpdate } from "../../shared/graph/catalogue.js";
import { graphClient } from "../../shared/graph/client.js";
import { toldAttributes } from "../../shared/readiness/device-attributes.js";
import { listDevices } from "../../shared/registration/store.js";
import { logCommand } from "../../shared/releases/commands.js";
import { findRelease } from "../../shared/releases/store.js";
import { rouse, startOnce } from "../client.js";
import { activity } from "../durable.js";
import { APPROVAL, approvalInstance, EXPEDITE, expediteInstance, RELEASE } from "../names.js";
import { deployExpedite, nothingLeft, orderedReleases, partsOf } from "./expedite-groups.js";

export const expediteRef = z.object({ expediteId: z.string().min(1) });

/** The expedite as it was saved last. */
export const loadExpedite = activity({
  name: "loadExpedite",
  input: expediteRef,
  run: ({ expediteId }) => readExpedite(expediteId),
});

/** Finds the update and tests the devices first (graph.md §7 E1, E2); then people are asked, or it runs. */
export const validateExpedite = activity({
  name: "validateExpedite",
  input: expediteRef,
  run: async ({ expediteId }, { at }) => {
    const expedite = await readExpedite(expediteId);
    if (expedite.status !== ExpediteStatus.validating) return expedite;
    await noteRequest(expedite);
    if (expedite.groupIds.length === 0) return refuse(expediteId, NO_GROUPS, at);
    try {
      const update = resolveCandidate(await recentUpdates(graphClient(), clock.now()), expedite.wanted);
      // Nobody is asked about what has nothing to do.
      const reason = nothingLeft(await partsOf(expedite, update));
      if (reason !== undefined) return await refuse(expediteId, reason, at);
      const readiness = await testDevices(expedite, update, at);
      const asks = needsApproval(config().EXPEDITE_APPROVAL, update, expedite.source);
      const status = asks ? ExpediteStatus.awaitingApproval : ExpediteStatus.running;
      await note("expedite.validate", expediteId, at, { update: update.shortName, ...readiness, asks });
      const found = { update, readiness, status, approvalId: asks ? questionIdOf(expediteId) : null, problem: null };
      return await changeExpedite(expediteId, (present) =>
        present.status === ExpediteStatus.validating ? { ...present, ...found } : undefined,
      );
    } catch (error) {
      if (!(error instanceof AppError && error.code === "rule_violated")) throw error;
      return refuse(expediteId, error.message, at);
    }
  },
});

const NO_GROUPS =
  "No Autopatch group lets the service expedite. Switch expedited quality updates on in a group, or name groups.";

async function testDevices({ groupIds }: Expedite, update: CatalogueUpdate, at: number) {
  const [devices, told] = await Promise.all([listDevices(), toldAttributes()]);
  const own = devices.filter(({ groupId, status }) => status === "Registered" && groupIds.includes(groupId ?? ""));
  return readinessTest(
    own.map((record) => testDevice(record, told.get(record.deviceId) ?? {}, update)),
    at,
  );
}

async function refuse(expediteId: string, reason: string, at: number): Promise<Expedite> {
  await note("expedite.refuse", expediteId, at, { reason });
  return changeExpedite(expediteId, (present) => ({
    ...present,
    ...{ status: ExpediteStatus.refused, reason, problem: null, endedAt: at },
  }));
}

/** Puts the question to people, once. */
export const askAboutExpedite = activity({
  name: "askAboutExpedite",
  input: expediteRef,
  run: async ({ expediteId }, { at, client }) => {
    const expedite = await readExpedite(expediteId);
    if (expedite.status !== ExpediteStatus.awaitingApproval) return expedite;
    const instance = approvalInstance(questionIdOf(expediteId));
    // One that has ended was answered: it is started again only to carry its answer out.
    await startOnce(client, APPROVAL, instance, { question: expediteQuestion(expedite, at) });
    return withoutProblem(expedite);
  },
});

/** Has the update's release expedited in every group, and makes the releases that there are not (rows 63, 64). */
export const launchExpedite = activity({
  name: "launchExpedite",
  input: expediteRef,
  run: async ({ expediteId }, { at, client }) => {
    const expedite = await readExpedite(expediteId);
    const { status, deployments: launched, cancelled } = expedite;
    if (status !== ExpediteStatus.running || launched !== null || cancelled !== null) return expedite;
    const deployments = await deployExpedite(expedite, at, client);
    await note("expedite.start", expediteId, at, { deployments });
    const reason = nothingLeft(deployments);
    if (reason !== undefined) return refuse(expediteId, reason, at);
    return changeExpedite(expediteId, (present) =>
      present.deployments === null ? { ...present, deployments, problem: null } : undefined,
    );
  },
});

/** Looks whether its releases have ended. */
export const observeExpedite = activity({
  name: "observeExpedite",
  input: expediteRef,
  run: async ({ expediteId }, { at }) => {
    const expedite = await readExpedite(expediteId);
    const releases = await Promise.all(releaseIds(expedite).map(findRelease));
    const after = afterLook(
      expedite,
      releases.filter((release) => release !== undefined),
      at,
    );
    if (after === undefined) return withoutProblem(expedite);
    await note("expedite.complete", expediteId, at, { releases: releaseIds(expedite) });
    return changeExpedite(expediteId, (present) =>
      present.status === ExpediteStatus.running && present.cancelled === null ? { ...present, ...after } : undefined,
    );
  },
});

/** Takes a cancelled expedite back: its releases go on as they would have without it. */
export const endExpedite = activity({
  name: "endExpedite",
  input: expediteRef,
  run: async ({ expediteId }, { at, client }) => {
    const expedite = await readExpedite(expediteId);
    await noteCancellation(expedite);
    for (const { releaseId, logged } of ordersToEnd(expedite, await orderedReleases(expedite), at)) {
      await logCommand(releaseId, logged);
      await rouse(client, RELEASE, releaseId, { releaseId });
    }
    if (expedite.approvalId !== null) {
      const instance = approvalInstance(expedite.approvalId);
      await rouse(client, APPROVAL, instance, { question: expediteQuestion(expedite, at) });
    }
    // Last, so that a run that broke off is repeated.
    return changeExpedite(expediteId, (present) => ({
      ...present,
      ...{ status: ExpediteStatus.cancelled, problem: null, endedAt: present.endedAt ?? at },
    }));
  },
});

/** What keeps it from going on, for people. */
export const noteExpediteProblem = activity({
  name: "noteExpediteProblem",
  input: expediteRef.extend({ problem: z.string() }),
  run: ({ expediteId, problem }) => changeExpedite(expediteId, (present) => ({ ...present, problem })),
});

/** What kept it from going on does so no more. */
async function withoutProblem(expedite: Expedite): Promise<Expedite> {
  if (expedite.problem === null) return expedite;
  return changeExpedite(expedite.id, (present) => ({ ...present, problem: null }));
}

/**
 * Starts every expedite whose orchestration should run and does not, for a wake was lost, or it failed. One that was
 * cancelled is also woken: it must not go on until its next look.
 */
export async function startUnfinishedExpedites(client: df.DurableClient): Promise<void> {
  for (const { id, cancelled } of await unfinishedExpedites()) {
    if (cancelled !== null) await rouseExpedite(client, id);
    else await startOnce(client, EXPEDITE, expediteInstance(id), { expediteId: id });
  }
}

/** Has an expedite look at once. */
export function rouseExpedite(client: df.DurableClient, expediteId: string): Promise<void> {
  return rouse(client, EXPEDITE, expediteInstance(expediteId), { expediteId });
}

function releaseIds({ deployments }: Expedite): string[] {
  return (deployments ?? []).flatMap(({ releaseId, skipped }) => (skipped === null ? (releaseId ?? []) : []));
}

async function note(action: string, id: string, at: number, evidence: Readonly<Record<string, unknown>>) {
  await audit({ at, actor: SERVICE, action, target: `expedite/${id}`, key: id, evidence });
}
