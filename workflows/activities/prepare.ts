import type * as df from "durable-functions";
import { SERVICE } from "../../shared/access/roles.js";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { attributesOf, listManagedDevices, listRingDevices } from "../../shared/graph/inventory.js";
import { findGroup } from "../../shared/groups/store.js";
import { type DeviceInventory, installedVersions } from "../../shared/inventory/inventory.js";
import { listInventories } from "../../shared/inventory/store.js";
import { type Enrolment, ledger } from "../../shared/ledger/index.js";
import { governedDevices } from "../../shared/quality-policies/governed.js";
import { cohortAttributes } from "../../shared/readiness/cohort-attributes.js";
import { toldAttributes } from "../../shared/readiness/device-attributes.js";
import { logCommand } from "../../shared/releases/commands.js";
import { hasNews } from "../../shared/releases/news.js";
import { inboxOf } from "../../shared/releases/ring-inbox.js";
import { changeRing, listRings, type Release, readRelease } from "../../shared/releases/store.js";
import { hasMoved, targetOf } from "../../shared/releases/target.js";
import { Supersedence } from "../../shared/updates/supersedence.js";
import { UpdateState } from "../../shared/updates/up-to-date.js";
import { isQuality, type Update, workloadOf } from "../../shared/updates/update.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { Offers } from "../../shared/workloads/workload.js";
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
    const { offers, reports } = workloadFor(release.update);
    // Policies with approvals decide about quality updates only (autopatch.md §5.10).
    const inventories = reports === "inventory" ? await listInventories() : null;
    const governed = isQuality(release.update) ? await governedDevices(graph, clock.now()) : null;
    const enrolments = new Map<string, Enrolment>();
    for (const { ring, target } of rings) {
      for (const device of await listRingDevices(graph, target.entraGroupId, managed)) {
        const { deviceId, objectId } = device;
        // In several rings a device is offered the update with the first.
        if (enrolments.has(deviceId) || isForeign(device.managed?.osVersion ?? null, release.update)) continue;
        if (inventories !== null && !hasApp(inventories.get(deviceId), release.update)) continue;
        if (governed?.covers({ objectId, groupId: release.groupId, ring }) === true) continue;
        enrolments.set(deviceId, {
          deviceId,
          objectId,
          ring,
          attributes: { ...cohortAttributes(told.get(deviceId)), ...attributesOf(device) },
        });
      }
    }
    const books = await ledger();
    const joinsBySignal = offers === Offers.standing && reports === "signals";
    await books.enrolDevices(releaseId, [...enrolments.values()], { joinsBySignal });
    const revisions = release.update.revisions.map(({ kb, build }) => ({ kb, build }));
    await books.registerUpdate(releaseId, { revisions, startedAt: new Date(release.publishedAt).toISOString() });
    return { devices: enrolments.size };
  },
});

/** Whether a device has the app at all, whichever version. */
function hasApp(told: DeviceInventory | undefined, update: Update): boolean {
  const installed = told === undefined ? {} : installedVersions(told.inventory);
  return Object.hasOwn(installed, workloadOf(update));
}

/**
 * An out-of-band update may be for some Windows versions only; devices of the others stay with what they have. What a
 * policy offers for weeks is nothing to those that had it before.
 */
function isForeign(osVersion: string | null, update: Update): boolean {
  if (osVersion === null) return false;
  const { reports, stateOf } = workloadFor(update);
  if (reports === "inventory") return false;
  const state = stateOf({ osVersion }, update);
  return state === UpdateState.notApplicable || (!isQuality(update) && state === UpdateState.upToDate);
}

/** Ends the releases of the group that this one replaces, so that no device is newly offered a superseded build. */
export const supersedePredecessors = activity({
  name: "supersedePredecessors",
  input: releaseRef,
  run: async ({ releaseId }, { client }) => {
    const release = await readRelease(releaseId);
    for (const id of release.predecessors) {
      const predecessor = await readRelease(id);
      const { supersedence } = workloadFor(release.update);
      if (supersedence(release.update, predecessor.update) === Supersedence.partial)
        await countsForBoth(predecessor, release);
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
    const { groupId, update } = await readRelease(releaseId);
    // Standing policies are the group's: what somebody changed in them is policy health's to find (autopatch.md §10.2).
    if (workloadFor(update).offers === Offers.standing) return;
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
