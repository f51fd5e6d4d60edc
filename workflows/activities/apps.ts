import type * as df from "durable-functions";
import { z } from "zod";
import { edgeVersions } from "../../shared/edge/list.js";
import { edgeUpdateOf, newestForRings } from "../../shared/edge/update.js";
import { GroupStatus, listGroups, type StoredGroup } from "../../shared/groups/store.js";
import { installedVersions } from "../../shared/inventory/inventory.js";
import { listInventories } from "../../shared/inventory/store.js";
import { ledger } from "../../shared/ledger/index.js";
import { officeVersions } from "../../shared/microsoft-365-apps/list.js";
import { officeUpdateOf } from "../../shared/microsoft-365-apps/update.js";
import { newestOffice } from "../../shared/microsoft-365-apps/versions.js";
import { releaseIdOf } from "../../shared/releases/identity.js";
import { findRelease, listReleases, type Release } from "../../shared/releases/store.js";
import { SignalKind } from "../../shared/signals/signal.js";
import { UpdateState } from "../../shared/updates/up-to-date.js";
import { type Update, workloadOf } from "../../shared/updates/update.js";
import { workloadFor } from "../../shared/workloads/index.js";
import { rouse, startOnce } from "../client.js";
import { activity } from "../durable.js";
import { RELEASE } from "../names.js";
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
  const behind = concerned.filter(([, apps]) => !has(apps)).map(([deviceId]) => deviceId);
  const books = await ledger();
  const changed =
    (await books.noteOutcomes(releaseId, upToDate, SignalKind.installed, at)) +
    (await books.noteOutcomes(releaseId, behind, SignalKind.rolledBack, at));
  if (changed > 0) await rouse(client, RELEASE, releaseId, { releaseId });
  return changed;
}
