import * as df from "durable-functions";
import { SERVICE } from "../../shared/access/roles.js";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { listManagedDevices, listRingDevices } from "../../shared/graph/inventory.js";
import { offering } from "../../shared/graph/offering/offering.js";
import { type Enrolment, ledger } from "../../shared/ledger/index.js";
import { logCommand } from "../../shared/releases/commands.js";
import { listRings, type Release, readRelease, saveRing } from "../../shared/releases/store.js";
import type { QualityUpdate } from "../../shared/updates/quality-update.js";
import { supersedence } from "../../shared/updates/supersedence.js";
import { updateState } from "../../shared/updates/up-to-date.js";
import { startOnce, wake } from "../client.js";
import { activity } from "../durable.js";
import { RING, ringInstance } from "../names.js";
import { ensureRingPolicies } from "./group-policies.js";
import { releaseRef } from "./release.js";

/** Puts every device of every ring into the ledger, and lets signals find the release. */
export const enrolReleaseDevices = activity({
  name: "enrolReleaseDevices",
  input: releaseRef,
  run: async ({ releaseId }) => {
    const graph = graphClient();
    const [release, rings, managed] = await Promise.all([
      readRelease(releaseId),
      listRings(releaseId),
      listManagedDevices(graph),
    ]);
    const enrolments: Enrolment[] = [];
    for (const { ring, target } of rings) {
      for (const device of await listRingDevices(graph, target.entraGroupId, managed)) {
        const { deviceId, objectId } = device;
        if (isForeign(device.managed?.osVersion ?? null, release.update)) continue;
        enrolments.push({ deviceId, objectId, ring, attributes: attributesOf(device.managed) });
      }
    }
    const books = await ledger();
    await books.enrolDevices(releaseId, enrolments);
    const revisions = release.update.revisions.map(({ kb, build }) => ({ kb, build }));
    await books.registerUpdate(releaseId, { revisions, startedAt: new Date(release.publishedAt).toISOString() });
    return { devices: enrolments.length };
  },
});

/** An out-of-band update may be for some Windows versions only; devices of the others stay with what they have. */
function isForeign(osVersion: string | null, update: QualityUpdate): boolean {
  return osVersion !== null && updateState(osVersion, update) === "notApplicable";
}

function attributesOf(
  managed: { manufacturer: string | null; model: string | null; osVersion: string | null } | undefined,
) {
  const { manufacturer, model, osVersion } = managed ?? {};
  return {
    ...(manufacturer ? { manufacturer } : {}),
    ...(model ? { model } : {}),
    ...(osVersion ? { osBuild: osVersion } : {}),
  };
}

/** Ends the releases of the group that this one replaces, so that no device is newly offered a superseded build. */
export const supersedePredecessors = activity({
  name: "supersedePredecessors",
  input: releaseRef,
  run: async ({ releaseId }, context) => {
    const release = await readRelease(releaseId);
    const client = df.getClient(context);
    for (const id of release.predecessors) {
      const predecessor = await readRelease(id);
      if (supersedence(release.update, predecessor.update) === "partial") await countsForBoth(predecessor, release);
      else await supersede(client, predecessor, release);
    }
  },
});

async function supersede(client: df.DurableClient, predecessor: Release, by: Release): Promise<void> {
  const command = { kind: "supersede" as const, at: by.startedAt, by: by.id };
  await logCommand(predecessor.id, { key: `supersede ${by.id}`, actor: SERVICE, command });
  await wake(client, predecessor.id);
}

/** The predecessor goes on for the other versions, and whoever has the newer build is up to date in it as well. */
async function countsForBoth(predecessor: Release, newer: Release): Promise<void> {
  const revisions = newer.update.revisions.map(({ kb, build }) => ({ kb, build }));
  const startedAt = new Date(newer.publishedAt).toISOString();
  await (await ledger()).registerUpdate(predecessor.id, { revisions, startedAt });
}

/** Update ring and standing policy of every ring of the release, made or repaired (graph.md §7 L1). */
export const ensureReleasePolicies = activity({
  name: "ensureReleasePolicies",
  input: releaseRef,
  run: async ({ releaseId }) => {
    const { groupId } = await readRelease(releaseId);
    const policies = await ensureRingPolicies(groupId);
    const tenant = await offering(graphClient());
    for (const ring of await listRings(releaseId)) {
      const updateRingPolicyId = policies[ring.ring] ?? ring.target.updateRingPolicyId;
      const target = { ...ring.target, updateRingPolicyId };
      await tenant.ensureStandingPolicy(target);
      if (ring.state.phase === "upcoming") await saveRing({ ...ring, target });
    }
  },
});

/** Starts the orchestrations of all rings together; each waits for its own date. */
export const startRings = activity({
  name: "startRings",
  input: releaseRef,
  run: async ({ releaseId }, context) => {
    const client = df.getClient(context);
    for (const { ring } of await listRings(releaseId)) {
      await startOnce(client, RING, ringInstance(releaseId, ring), { releaseId, ring });
    }
    return { at: clock.now() };
  },
});
