import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { iso } from "../calendar/days.js";
import { graphClient } from "../graph/client.js";
import { findGroup } from "../groups/store.js";
import { type DeviceInventory, installedVersions } from "../inventory/inventory.js";
import { listInventories } from "../inventory/store.js";
import { type Ledger, ledger } from "../ledger/index.js";
import type { DeviceRecord } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import { listReleases, listRings, type Release, type ReleaseRing } from "../releases/store.js";
import { compliance } from "../slo/percent.js";
import { workloadFor } from "../workloads/index.js";
import { followIncident, IncidentEnd, type RingAtLook, type SloIncident } from "./incident.js";
import { monthlySloAt, ringAtLook, whyOver } from "./ring-at-look.js";
import { type Known, ringCompliance } from "./ring-compliance.js";
import { openIncidents, putIncident } from "./store.js";
import { lookAtSupport } from "./support.js";

/**
 * Looks at every ring whose SLO day has come, and at every group's share of supported Windows versions: opens, updates
 * and closes incidents (autopatch.md §5.5, §6.1, §11). Devices of a ring are read only where the ledger's counts leave it
 * open whether it meets its objective. May run again.
 * @param now ms
 * @returns the incidents that were opened, updated or closed
 */
export async function lookAtObjectives(now: number): Promise<SloIncident[]> {
  const open = new Map((await openIncidents()).map((incident) => [incident.id, incident]));
  const books = await ledger();
  const followed: SloIncident[] = [];
  const releases = await listReleases();
  const register = lazily(async () => new Map((await listDevices()).map((record) => [record.deviceId, record])));
  for (const release of releases) {
    const { objective } = workloadFor(release.update);
    if (objective === null) continue;
    const over = await whyGroupOver(release, releases);
    const concerned = (ring: ReleaseRing) => open.has(`${release.id} ${ring.ring}`) || over === null;
    const rings = (await listRings(release.id)).filter(concerned);
    const devices = lazily(() => books.progress(release.id));
    const facts = lazily(async () => knownFor(release, await register(), now));
    for (const ring of rings) {
      const known = open.get(`${release.id} ${ring.ring}`);
      const sloAt = monthlySloAt(ring.state);
      if (known === undefined && (sloAt === null || now < sloAt)) continue;
      const counted = await countsOf(books, release.id, ring.ring, objective);
      const look = { ...ringAtLook(release, ring, over), objective, compliance: counted };
      const met = look.over !== null || look.compliance.met;
      const rows = met ? [] : (await devices()).filter((row) => row.ring === ring.ring);
      const exact = met
        ? look.compliance
        : ringCompliance(ring.state.plan, rows, await facts(), release.update, objective, now);
      const incident = followIncident(known, { ...look, compliance: exact }, now);
      if (incident === undefined) continue;
      await note(incident, known, now);
      followed.push(incident);
    }
  }
  for (const incident of await lookAtSupport(graphClient(), open, now)) {
    await note(incident, open.get(incident.id), now);
    followed.push(incident);
  }
  return followed;
}

/** What is known of the devices, as far as the workload of the release asks for it. */
async function knownFor({ update }: Release, register: ReadonlyMap<string, DeviceRecord>, now: number): Promise<Known> {
  const { reports, eligible } = workloadFor(update);
  const inventories = reports === "inventory" ? await listInventories() : new Map<string, DeviceInventory>();
  const apps = new Map([...inventories].map(([id, { inventory }]) => [id, installedVersions(inventory)]));
  const healthy = await eligible?.([...register.values()], update, now);
  return { register, apps, ...(healthy === undefined ? {} : { eligible: healthy }) };
}

/** The same for a release whose group may be gone. */
async function whyGroupOver(release: Release, releases: readonly Release[]): Promise<RingAtLook["over"]> {
  return (
    whyOver(release, releases) ?? ((await findGroup(release.groupId)) === undefined ? IncidentEnd.withdrawn : null)
  );
}

/** By the ledger's counts alone: whoever reported, of all that no hold keeps back. */
async function countsOf(books: Ledger, releaseId: string, ring: string, objective: number) {
  const { upToDate = 0, size = 0, held = 0 } = (await books.summary(releaseId)).rings[ring] ?? {};
  return compliance(upToDate, size, { notReady: held, objective });
}

/** The audit log first: what is repeated is found again by its key. */
async function note(incident: SloIncident, before: SloIncident | undefined, at: number): Promise<void> {
  const { id, releaseId, groupId, groupName, update, ring, objective, closed, updates, openedAt } = incident;
  const action = closed !== null ? "incident.close" : before === undefined ? "incident.open" : "incident.update";
  const because = closed === null ? {} : { because: closed.because };
  const about = { incidentId: id, group: groupName, update, ring, objective };
  const evidence = { ...about, openedAt: iso(openedAt), ...updates.at(-1), ...because };
  const target = releaseId === null ? `group/${groupId}` : `release/${releaseId}`;
  await audit({ at, actor: SERVICE, action, target, key: `${id} ${openedAt}`, evidence });
  await putIncident(incident);
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
