import { DAY_MS, iso } from "../../../shared/calendar/days.js";
import { followIncident, type SloIncident } from "../../../shared/incidents/incident.js";
import { monthlySloAt, ringAtLook, whyOver } from "../../../shared/incidents/ring-at-look.js";
import { type Known, ringCompliance } from "../../../shared/incidents/ring-compliance.js";
import type { DeviceProgress } from "../../../shared/ledger/index.js";
import type { ReleaseRing } from "../../../shared/releases/store.js";
import { type Compliance, compliance } from "../../../shared/slo/percent.js";
import { type Update, type Workload, workloadOf } from "../../../shared/updates/update.js";
import { workloadFor } from "../../../shared/workloads/index.js";
import type { ReleaseRun } from "../in-process/release-run.js";

/** How far a ring was on its service level day. */
export interface RingFigure {
  readonly workload: Workload;
  readonly update: string;
  readonly ring: string;
  /** Place of the ring in its group, from 0. */
  readonly place: number;
  /** The day, ISO. */
  readonly at: string;
  /** Devices of the ring that the update concerns. */
  readonly devices: number;
  readonly upToDate: number;
  /** Devices that count: without those that are not ready, held, or have days left. */
  readonly denominator: number;
  readonly percent: number | null;
  /** Percent that was to be reached; null where there is no objective. */
  readonly objective: number | null;
  readonly met: boolean;
  /** Devices that the ledger shows as not offered yet, and as failed or rolled back. */
  readonly notOffered: number;
  readonly failed: number;
  /** Days from the ring's own day to its last wave by now; null where a policy of the ring offers, or nothing was offered. */
  readonly lastWaveDays: number | null;
}

/**
 * The daily look of the service at the objectives of all rings (shared/incidents/look.ts). A device counts by its report or
 * by the build that Intune knows, of those that were ready, offered in time and not held (shared/incidents/ring-compliance.ts).
 * The first look from a ring's service level day on gives its figure; a missed objective is an incident until it is met, or
 * until nobody has to have the update any more.
 */
export class Objectives {
  readonly figures: RingFigure[] = [];
  readonly #knownOf: KnownOf;
  readonly #incidents = new Map<string, SloIncident>();
  /** Closed ones of rings that have another one. */
  readonly #earlier: SloIncident[] = [];
  readonly #seen = new Set<string>();
  /** Releases about which there is nothing to say any more. */
  readonly #done = new Set<ReleaseRun>();

  constructor(knownOf: KnownOf) {
    this.#knownOf = knownOf;
  }

  /** All incidents, those that are still open included. */
  get incidents(): readonly SloIncident[] {
    return [...this.#earlier, ...this.#incidents.values()];
  }

  /** Looks at the rings of all releases at `now` (ms). */
  async lookAt(runs: readonly ReleaseRun[], now: number): Promise<void> {
    const releases = runs.map(({ release }) => release);
    for (const run of runs) {
      if (this.#done.has(run)) continue;
      const over = whyOver(run.release, releases);
      const read = lazily(() => run.ledger.progress(run.release.id));
      const known = lazily(() => this.#knownOf(run.release.update, now));
      for (const ring of run.rings) await this.#lookAtRing(run, ring, { over, read, known, now });
      if (this.#isDone(run, over)) this.#done.add(run);
    }
  }

  /** Whether every ring has its figure and no incident is open or can be any more. */
  #isDone({ release, rings }: ReleaseRun, over: Look["over"]): boolean {
    if (over === null && workloadFor(release.update).objective !== null) return false;
    return rings.every(({ ring, state }) => {
      const id = `${release.id} ${ring}`;
      const isOpen = this.#incidents.get(id)?.closed === null;
      return monthlySloAt(state) === null || (this.#seen.has(id) && !isOpen);
    });
  }

  async #lookAtRing(run: ReleaseRun, ring: ReleaseRing, look: Look): Promise<void> {
    const { over, now } = look;
    const id = `${run.release.id} ${ring.ring}`;
    const isFirst = !this.#seen.has(id);
    const before = this.#incidents.get(id);
    const open = before?.closed === null ? before : undefined;
    const sloAt = monthlySloAt(ring.state);
    if (sloAt === null || now < sloAt) return;
    const { objective } = workloadFor(run.release.update);
    if (!isFirst && open === undefined && (over !== null || objective === null)) return;
    const counted = await complianceOf(run, ring, look, isFirst);
    if (isFirst) this.figures.push(await figureOf(run, ring, sloAt, counted));
    this.#seen.add(id);
    if (objective === null) return;
    const seen = { ...ringAtLook(run.release, ring, over), objective, compliance: counted };
    const incident = followIncident(open, seen, now);
    if (incident === undefined) return;
    if (open === undefined && before !== undefined) this.#earlier.push(before);
    this.#incidents.set(id, incident);
  }
}

async function figureOf(
  run: ReleaseRun,
  { ring, state }: ReleaseRing,
  sloAt: number,
  counted: Counted,
): Promise<RingFigure> {
  const { update, grants } = run.release;
  const { objective } = workloadFor(update);
  const { notOffered = 0, failed = 0, rolledBack = 0 } = (await run.summary()).rings[ring] ?? {};
  const waves = grants.filter((grant) => grant.ring === ring).map(({ at }) => at);
  const late = Math.max(...waves) - state.plan.availableAt;
  const { devices, upToDate, denominator, percent, met } = counted;
  return {
    ...{ workload: workloadOf(update), update: update.shortName, ring, place: state.plan.index, at: iso(sloAt) },
    ...{ devices, upToDate, denominator, percent, objective },
    met: objective === null || met,
    ...{ notOffered, failed: failed + rolledBack },
    lastWaveDays: waves.length === 0 ? null : Math.round((10 * late) / DAY_MS) / 10,
  };
}

/** What is known of the devices, as far as an update asks for it. @param now ms */
export type KnownOf = (update: Update, now: number) => Known;

interface Look {
  readonly over: ReturnType<typeof whyOver>;
  /** Devices of the release. */
  readonly read: () => Promise<readonly DeviceProgress[]>;
  readonly known: () => Known;
  /** ms */
  readonly now: number;
}

type Counted = Compliance & { readonly devices: number };

/** By the ledger's counts where they suffice, as the service does, else by its devices. */
async function complianceOf(
  run: ReleaseRun,
  { ring, state }: ReleaseRing,
  { read, known, now }: Look,
  exactly: boolean,
): Promise<Counted> {
  const objective = workloadFor(run.release.update).objective ?? 0;
  const { upToDate = 0, size = 0, held = 0 } = (await run.summary()).rings[ring] ?? {};
  const counts = compliance(upToDate, size, { notReady: held, objective });
  if (counts.met && !exactly) return { ...counts, devices: size };
  const rows = (await read()).filter((row) => row.ring === ring);
  const exact = ringCompliance(state.plan, rows, known(), run.release.update, objective, now);
  return { ...exact, devices: rows.length };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
