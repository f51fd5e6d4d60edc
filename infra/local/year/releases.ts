import { compareVersions } from "../../../shared/drivers/version.js";
import { type KeptDeployment, learnBaseline } from "../../../shared/gate/baselines.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { newRelease, newRings } from "../../../shared/releases/create.js";
import { releaseIdOf } from "../../../shared/releases/identity.js";
import type { Release } from "../../../shared/releases/store.js";
import { type SignalEvent, subjectOf } from "../../../shared/signals/signal.js";
import { UpdateState } from "../../../shared/updates/up-to-date.js";
import { isQuality, releaseKind, type Update, Workload, workloadOf } from "../../../shared/updates/update.js";
import { workloadFor } from "../../../shared/workloads/index.js";
import type { DevicesTenant } from "../in-process/devices-tenant.js";
import { type Enrolled, ReleaseRun } from "../in-process/release-run.js";
import { installedOn } from "../tenant/drivers/components.js";
import type { DeviceRecord } from "../tenant/types.js";
import { buildNumber } from "../tenant/windows-update/windows-versions.js";
import type { Apps } from "./apps.js";

/** The releases of a group in one process, whatever their workload; each learns from those of its kind before it. */
export class Releases {
  readonly #group: StoredGroup;
  readonly #tenant: DevicesTenant;
  readonly #enrolled: readonly Enrolled[];
  readonly #apps: Apps;
  readonly #taught: KeptDeployment[] = [];
  readonly #running = new Set<ReleaseRun>();
  /** The runs that wait for signals about an update, by key and version. */
  readonly #expecting = new Map<string, ReleaseRun>();
  /** Devices that a release has been told to have its update, of releases that the inventory tells of. */
  readonly #upToDate = new Map<ReleaseRun, ReadonlySet<string>>();
  readonly all: ReleaseRun[] = [];

  constructor({ group, tenant, enrolled, apps }: ReleasesOptions) {
    this.#group = group;
    this.#tenant = tenant;
    this.#enrolled = enrolled;
    this.#apps = apps;
  }

  get running(): Iterable<ReleaseRun> {
    return this.#running;
  }

  /** Begins releases of the newest versions of apps (workflows/activities/apps.ts). @param now ms */
  async startApps(now: number): Promise<void> {
    for (const update of this.#apps.newestUpdates(now)) {
      const id = releaseIdOf(this.#group.id, update);
      if (this.all.every(({ release }) => release.id !== id)) await this.start(update, now);
    }
  }

  /** Begins the release of an update at `now` (ms), and ends those that it replaces. */
  async start(update: Update, now: number): Promise<void> {
    const id = releaseIdOf(this.#group.id, update);
    const history = learnBaseline(
      this.#taught.filter(({ kind }) => kind === releaseKind(update)),
      this.#group.id,
    );
    const others: Release[] = [...this.#running].map(({ release }) => release);
    const release = newRelease({ id, group: this.#group, update, others, history, now });
    const run = new ReleaseRun(release, newRings(release, this.#group), this.#tenant);
    const rings = new Set(run.rings.map(({ ring }) => ring));
    await run.enrol(
      this.#enrolled.filter(({ deviceId, ring }) => rings.has(ring) && this.#isConcerned(deviceId, update)),
    );
    this.all.push(run);
    this.#running.add(run);
    for (const { kb, build } of update.revisions) this.#expecting.set(`${kb} ${build}`, run);
    for (const other of this.#running) {
      if (release.predecessors.includes(other.release.id)) await other.supersede(id, now);
    }
  }

  nextDue(): number {
    return Math.min(...[...this.#running].map((run) => run.nextDue() ?? Number.POSITIVE_INFINITY));
  }

  /** Lets every release look that has something to look at by `now` (ms). */
  async lookAt(now: number): Promise<void> {
    for (const run of this.#running) {
      if ((run.nextDue() ?? Number.POSITIVE_INFINITY) <= now) await run.lookAt(now);
      if (run.release.state.phase !== "ended") continue;
      this.#running.delete(run);
      this.#taught.push(await run.finished(now));
    }
  }

  /** Hands signals to the releases that they are about. */
  async hear(events: readonly SignalEvent[], now: number): Promise<void> {
    const byRun = new Map<ReleaseRun, SignalEvent[]>();
    for (const event of events) {
      const { kb, build } = subjectOf(event.data);
      const run = this.#expecting.get(`${kb} ${build}`);
      if (run !== undefined) byRun.set(run, [...(byRun.get(run) ?? []), event]);
    }
    for (const [run, own] of byRun) await run.hear(own, now);
  }

  /** Tells releases of apps what the daily inventories prove (workflows/activities/apps.ts). @param now ms */
  async followInventories(now: number): Promise<void> {
    for (const run of this.#running) {
      const { update } = run.release;
      if (isQuality(update) || workloadFor(update).reports !== "inventory") continue;
      const { satisfiedBy: _older, ...exactly } = update;
      const before = this.#upToDate.get(run) ?? new Set();
      const has = new Set(
        [...this.#apps.versions()].flatMap(([deviceId, apps]) => {
          const state = workloadFor(update).stateOf({ osVersion: null, apps }, exactly);
          return state === UpdateState.upToDate ? [deviceId] : [];
        }),
      );
      const installed = [...has].filter((deviceId) => !before.has(deviceId));
      const rolledBack = [...before].filter((deviceId) => !has.has(deviceId));
      this.#upToDate.set(run, has);
      await run.note({ installed, rolledBack }, now);
    }
  }

  /** The daily survey of all running releases. */
  survey(now: number): void {
    for (const run of this.#running) run.survey(now);
  }

  /** Whether a device has anything to do with an update when its release begins (workflows/activities/prepare.ts). */
  #isConcerned(deviceId: string, update: Update): boolean {
    if (workloadFor(update).reports === "signals") return isConcerned(this.#tenant.record(deviceId), update);
    return Object.hasOwn(this.#apps.versions().get(deviceId) ?? {}, workloadOf(update));
  }
}

export interface ReleasesOptions {
  readonly group: StoredGroup;
  readonly tenant: DevicesTenant;
  readonly enrolled: readonly Enrolled[];
  readonly apps: Apps;
}

/** Whether a device has anything to do with an update of Windows or its drivers when its release begins. */
function isConcerned(record: DeviceRecord, update: Update): boolean {
  const [revision] = update.revisions;
  switch (workloadOf(update)) {
    case Workload.feature:
      return buildNumber(record.osVersion) < buildNumber(revision?.build ?? "");
    case Workload.driver:
      return installedOn(record).some(
        ({ name, version }) => name === revision?.product && compareVersions(version, revision.build) < 0,
      );
    default:
      return update.revisions.some(({ product, version }) => product === record.product && version === record.version);
  }
}
