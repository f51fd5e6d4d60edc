import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { iso } from "../calendar/days.js";
import { findGroup } from "../groups/store.js";
import { type Ledger, ledger } from "../ledger/index.js";
import { listDevices } from "../registration/store.js";
import { isExpedited } from "../releases/expedite.js";
import { listReleases, listRings, type Release, type ReleaseRing } from "../releases/store.js";
import { compliance, SLO_PERCENT } from "../slo/percent.js";
import { followIncident, IncidentEnd, type RingAtLook, type SloIncident } from "./incident.js";
import { ringCompliance } from "./ring-compliance.js";
import { openIncidents, putIncident } from "./store.js";

/**
 * Looks at every ring whose SLO day has come: opens, updates and closes incidents (autopatch.md §5.5, §11). Devices are
 * read only where the ledger's counts leave it open whether a ring meets its objective. May run again.
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
    const over = await whyOver(release, releases);
    const concerned = (ring: ReleaseRing) => open.has(`${release.id} ${ring.ring}`) || over === null;
    const rings = (await listRings(release.id)).filter(concerned);
    const devices = lazily(() => books.devices(release.id));
    for (const ring of rings) {
      const known = open.get(`${release.id} ${ring.ring}`);
      const sloAt = monthlySloAt(ring.state);
      if (known === undefined && (sloAt === null || now < sloAt)) continue;
      const look = { ...lookOf(release, ring, over), compliance: await countsOf(books, release.id, ring.ring) };
      const met = look.over !== null || look.compliance.met;
      const rows = met ? [] : (await devices()).filter((row) => row.ring === ring.ring);
      const exact = met
        ? look.compliance
        : ringCompliance(ring.state.plan, rows, await register(), release.update, now);
      const incident = followIncident(known, { ...look, compliance: exact }, SLO_PERCENT, now);
      if (incident === undefined) continue;
      await note(incident, known, now);
      followed.push(incident);
    }
  }
  return followed;
}

/** Why nobody of the release's group has to have its update any more; null while they have to. */
async function whyOver(release: Release, releases: readonly Release[]): Promise<RingAtLook["over"]> {
  const { groupId, publishedAt, state } = release;
  if (state.outcome === "cancelled" || state.outcome === "rolledBack") return IncidentEnd.withdrawn;
  const isNewer = (other: Release) => other.groupId === groupId && other.publishedAt > publishedAt;
  if (releases.some((other) => isNewer(other) && other.state.outcome !== "cancelled")) return IncidentEnd.superseded;
  return (await findGroup(groupId)) === undefined ? IncidentEnd.withdrawn : null;
}

/** The ring's SLO day by its own settings: an expedite brings it none forward (autopatch.md §5.5). */
function monthlySloAt({ expedite, plan }: ReleaseRing["state"]): number | null {
  return (expedite?.ordinary ?? plan).sloAt;
}

function lookOf(release: Release, { ring, state }: ReleaseRing, over: RingAtLook["over"]) {
  const { id: releaseId, groupId, groupName, update } = release;
  const isWithdrawn = state.outcome === "rolledBack" || state.outcome === "cancelled" || state.rollback !== null;
  return {
    ...{ releaseId, groupId, groupName, update: update.shortName, ring, sloAt: monthlySloAt(state) },
    // Suspended while the release is expedited; what it leaves undone counts from the ring's own day on.
    expedited: isExpedited(release) && release.state.phase !== "ended",
    over: over ?? (isWithdrawn ? IncidentEnd.withdrawn : null),
  };
}

/** By the ledger's counts alone: whoever reported, of all that no hold keeps back. */
async function countsOf(books: Ledger, releaseId: string, ring: string) {
  const { upToDate = 0, size = 0, held = 0 } = (await books.summary(releaseId)).rings[ring] ?? {};
  return compliance(upToDate, size, held);
}

/** The audit log first: what is repeated is found again by its key. */
async function note(incident: SloIncident, before: SloIncident | undefined, at: number): Promise<void> {
  const { id, releaseId, ring, closed, updates, openedAt } = incident;
  const action = closed !== null ? "incident.close" : before === undefined ? "incident.open" : "incident.update";
  const because = closed === null ? {} : { because: closed.because };
  const evidence = { incidentId: id, ring, openedAt: iso(openedAt), ...updates.at(-1), ...because };
  await audit({ at, actor: SERVICE, action, target: `release/${releaseId}`, key: `${id} ${openedAt}`, evidence });
  await putIncident(incident);
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
