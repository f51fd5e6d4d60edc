import type * as df from "durable-functions";
import { SERVICE } from "../../shared/access/roles.js";
import { graphClient } from "../../shared/graph/client.js";
import { attributesOf, listManagedDevices, listRingDevices } from "../../shared/graph/inventory.js";
import { findGroup } from "../../shared/groups/store.js";
import { type Enrolment, ledger } from "../../shared/ledger/index.js";
import { toldAttributes } from "../../shared/readiness/device-attributes.js";
import { logCommand } from "../../shared/releases/commands.js";
import { hasNews } from "../../shared/releases/news.js";
import { inboxOf } from "../../shared/releases/ring-inbox.js";
import { changeRing, listRings, type Release, readRelease } from "../../shared/releases/store.js";
import { hasMoved, targetOf } from "../../shared/releases/target.js";
import type { QualityUpdate } from "../../shared/updates/quality-update.js";
import { supersedence } from "../../shared/updates/supersedence.js";
import { updateState } from "../../shared/updates/up-to-date.js";
import { rouse, startOnce } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE, RING, ringInstance } from "../names.js";
import { ensureRingPolicies } from "./group-policies.js";
import { releaseRef } from "./release.js";
import { actInTenant } from "./ring-audit.js";

/** Puts every device of every ring into the ledger, and lets signals find the release. */
export const enrolReleaseDevices = activity({
  name: "enrolReleaseDevices",
  input: releaseRef,
  run: async ({ releaseId }) => {
    const graph = graphClient();
    const [release, rings, managed, told] = await Promise.all([
      readRelease(releaseId),
      listRings(releaseId),
      listManagedDevices(graph),
      toldAttributes(),
    ]);
    const enrolments = new Map<string, Enrolment>();
    for (const { ring, target } of rings) {
      for (const device of await listRingDevices(graph, target.entraGroupId, managed)) {
        const { deviceId, objectId } = device;
        // In several rings a device is offered the update with the first.
        if (enrolments.has(deviceId) || isForeign(device.managed?.osVersion ?? null, release.update)) continue;
        enrolments.set(deviceId, {
          deviceId,
          objectId,
          ring,
          attributes: { ...told.get(deviceId), ...attributesOf(device) },
        });
      }
    }
    const books = await ledger();
    await books.enrolDevices(releaseId, [...enrolments.values()]);
    const revisions = release.update.revisions.map(({ kb, build }) => ({ kb, build }));
    await books.registerUpdate(releaseId, { revisions, startedAt: new Date(release.publishedAt).toISOString() });
    return { devices: enrolments.size };
  },
});

/** An out-of-band update may be for some Windows versions only; devices of the others stay with what they have. */
function isForeign(osVersion: string | null, update: QualityUpdate): boolean {
  return osVersion !== null && updateState(osVersion, update) === "notApplicable";
}

/** Ends the releases of the group that this one replaces, so that no device is newly offered a superseded build. */
export const supersedePredecessors = activity({
  name: "supersedePredecessors",
  input: releaseRef,
  run: async ({ releaseId }, { client }) => {
    const release = await readRelease(releaseId);
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
  await rouse(client, RELEASE, predecessor.id, { releaseId: predecessor.id });
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
  run: async ({ releaseId }, { at }) => {
    const { groupId } = await readRelease(releaseId);
    await ensureRingPolicies(groupId, at);
    const group = (await findGroup(groupId))?.body;
    for (const ring of await listRings(releaseId)) {
      const target = (group && targetOf(group, ring.ring)) ?? ring.target;
      const act = { releaseId, ring: ring.ring, action: "ring.standingPolicy", at };
      await actInTenant(act, (tenant) => tenant.ensureStandingPolicy(target));
      if (hasMoved(ring.target, target) && ring.state.phase === "upcoming")
        await changeRing(releaseId, ring.ring, { target });
    }
  },
});

/** Starts the orchestrations of all rings together; each waits for its own date. Those that run go on. */
export const startRings = activity({
  name: "startRings",
  input: releaseRef,
  run: async ({ releaseId }, { client }) => {
    const [rings, inbox] = await Promise.all([listRings(releaseId), inboxOf(releaseId)]);
    for (const ring of rings) {
      if (ring.state.phase === "ended" && !hasNews(ring, inbox(ring.ring))) continue;
      await startOnce(client, RING, ringInstance(releaseId, ring.ring), { releaseId, ring: ring.ring });
    }
  },
});
