import type * as df from "durable-functions";
import { z } from "zod";
import { edgeVersions } from "../../shared/edge/list.js";
import { edgeUpdateOf, newestForRings } from "../../shared/edge/update.js";
import { findGroup, GroupStatus, listGroups, type StoredGroup } from "../../shared/groups/store.js";
import { installedVersions } from "../../shared/inventory/inventory.js";
import { listInventories } from "../../shared/inventory/store.js";
import { ledger } from "../../shared/ledger/index.js";
import { officeVersions } from "../../shared/microsoft-365-apps/list.js";
import { officeUpdateOf } from "../../shared/microsoft-365-apps/update.js";
import { newestOffice } from "../../shared/microsoft-365-apps/versions.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { postToRing } from "../../shared/releases/ring-inbox.js";
import { findRelease, listReleases, listRings, type Release } from "../../shared/releases/store.js";
import { SignalKind } from "../../shared/signals/signal.js";
import { UpdateState } from "../../shared/updates/up-to-date.js";
import { type Update, workloadOf } from "../../shared/updates/update.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, startOnce } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE, RING, ringInstance } from "../names.js";
import { writeRelease } from "./catalogue.js";

/** Starts a release for every new version of an app that a group manages. Returns how many. */
export const startAppReleases = activity({
  name: "startAppReleases",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    let started = 0;
    for (const group of await listGroups()) {
      if (group.status !== GroupStatus.active) continue;
      for (const update of await newestUpdates(group, at)) {
        const releaseId = releaseIdOf(group.id, update);
        if ((await findRelease(releaseId)) !== undefined) continue;
        await writeRelease(group, update, at);
        await startOnce(client, RELEASE, releaseId, { releaseId });
        started++;
      }
    }
    return started;
  },
});

/** The newest versions of the apps that a group manages, for its rings. */
async function newestUpdates(group: StoredGroup, now: number): Promise<Update[]> {
  const { microsoft365Apps, edge } = group.definition.updateTypes;
  const office = microsoft365Apps ? (await officeVersions(now)).versions : [];
  const newest = newestOffice(office, now);
  const browsers = edge ? (await edgeVersions(now)).versions : [];
  return [
    ...(newest === undefined ? [] : [officeUpdateOf(newest, office, group)]),
    ...newestForRings(browsers, group, now).map((version) => edgeUpdateOf(version, group)),
  ];
}

/** Brings the ledgers of releases of apps in line with the daily inventory. Returns how many devices changed. */
export const followAppInventory = activity({
  name: "followAppInventory",
  input: z.object({}),
  run: async (_input, { at, client }) => {
    const releases = (await listReleases()).filter(
      ({ update, state }) => workloadFor(update).reports === "inventory" && state.phase !== "ended",
    );
    if (releases.length === 0) return 0;
    const inventories = [...(await listInventories()).values()];
    const versions = new Map(inventories.map(({ deviceId, inventory }) => [deviceId, installedVersions(inventory)]));
    let changed = 0;
    for (const release of releases.filter(({ prepared }) => prepared)) {
      changed += await follow(client, release, versions, at);
    }
    return changed;
  },
});

async function follow(
  client: df.DurableClient,
  release: Release,
  versions: ReadonlyMap<string, ReturnType<typeof installedVersions>>,
  at: number,
): Promise<number> {
  const { id: releaseId, update } = release;
  const { satisfiedBy: _older, ...exactly } = { satisfiedBy: undefined, ...update };
  const has = (apps: ReturnType<typeof installedVersions>) =>
    workloadFor(update).stateOf({ osVersion: null, apps }, exactly as Update) === UpdateState.upToDate;
  const concerned = [...versions].filter(([, apps]) => Object.hasOwn(apps, workloadOf(update)));
  const upToDate = concerned.filter(([, apps]) => has(apps)).map(([deviceId]) => deviceId);
  const older = concerned.filter(([, apps]) => !has(apps)).map(([deviceId]) => deviceId);
  const behind = await withoutRings(release, older, await tellGoneBack(client, release, at));
  const books = await ledger();
  const changed =
    (await books.noteOutcomes(releaseId, upToDate, SignalKind.installed, at)) +
    (await books.noteOutcomes(releaseId, behind, SignalKind.rolledBack, at));
  if (changed > 0) await rouse(client, RELEASE, releaseId, { releaseId });
  return changed;
}

/**
 * Tells the rings whose devices people have go back behind the update, so that these do not count against it. Returns
 * those that have not heard it yet: their devices are noted once they have.
 */
async function tellGoneBack(client: df.DurableClient, release: Release, at: number): Promise<ReadonlySet<string>> {
  const { id: releaseId, groupId, update } = release;
  const group = (await findGroup(groupId))?.body;
  const back = new Set(group === undefined ? [] : workloadFor(update).goneBack?.(update, group));
  const untold = (await listRings(releaseId)).filter(({ ring, state }) => back.has(ring) && state.uninstalled !== true);
  // A ring that ended otherwise hears nothing any more.
  for (const { ring, state } of untold) {
    if (state.outcome !== null && state.outcome !== "completed") continue;
    await postToRing(releaseId, ring, { key: "uninstalled", event: { type: "uninstalled", at } });
    await rouse(client, RING, ringInstance(releaseId, ring), { releaseId, ring });
  }
  return new Set(untold.map(({ ring }) => ring));
}

async function withoutRings(
  { id }: Release,
  deviceIds: readonly string[],
  rings: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (rings.size === 0) return deviceIds;
  const rows = await (await ledger()).devices(id);
  const theirs = new Set(rows.filter(({ ring }) => rings.has(ring)).map(({ deviceId }) => deviceId));
  return deviceIds.filter((deviceId) => !theirs.has(deviceId.toLowerCase()));
}
