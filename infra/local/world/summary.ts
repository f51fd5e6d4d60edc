import { workloads } from "../../../shared/workloads/index.js";
import type { DeviceTruth } from "../fleet/index.js";
import type { DecisionView, HoldView, IncidentView, ReleaseView, RingView } from "./release-view.js";
import type { Hotpatched, RingVersions, RunWorkload } from "./runs/run.js";

const DAY = 86_400_000;

/** What really became of the release on a device, and the ring the device was in. */
export type RingTruth = DeviceTruth & { readonly ring: number };

export interface Costs {
  readonly storageTransactions: number;
  readonly graphCalls: number;
  readonly executions: number;
  readonly maxHistoryEvents: number;
  readonly wallSeconds: number;
  readonly peakRssMb: number;
}

export interface SummaryInput {
  readonly workload: RunWorkload;
  readonly scenario: string;
  readonly seed: number;
  readonly devices: number;
  readonly release: ReleaseView;
  readonly decisions: readonly DecisionView[];
  readonly holds: readonly HoldView[];
  readonly truth: readonly RingTruth[];
  /** Missed service level objectives, of all releases; absent where nobody looks for them. */
  readonly incidents?: readonly IncidentView[] | undefined;
  /** Absent where the update has no hotpatches. */
  readonly hotpatched?: Hotpatched | undefined;
  /** Versions of an app ring by ring; absent for updates of other kinds. */
  readonly versions?: readonly RingVersions[] | undefined;
  /** Signals that the devices sent. */
  readonly signals: number;
  /** Signals that were refused. */
  readonly rejected: number;
  /** The same by reason, where the app tells. */
  readonly rejectedBecause?: Readonly<Record<string, number>>;
  readonly costs: Costs;
}

/** The object that `simulate --json` prints (design.md §5). */
export function summarise(input: SummaryInput) {
  const { release, truth, decisions } = input;
  const releasedAt = Date.parse(release.update.releasedAt);
  const really = release.rings.map((ring) => truthOf(ring, truth));
  return {
    workload: input.workload,
    scenario: input.scenario,
    seed: input.seed,
    devices: input.devices,
    update: release.update,
    gate: release.gate.mode,
    outcome: outcomeOf(release),
    rings: release.rings.map(ringSummary),
    truth: really,
    daysTo95: daysTo95(releasedAt, truth),
    complianceAtSlo: complianceAtSlo(really),
    objective: workloads().find(({ id }) => id === release.update.workload)?.objective ?? null,
    ...(input.incidents === undefined ? {} : { incidents: incidentsOf(release, input.incidents) }),
    ...(input.hotpatched === undefined ? {} : { withoutRestart: withoutRestart(input.hotpatched, truth) }),
    ...(input.versions === undefined ? {} : { versions: input.versions }),
    harmed: truth.filter((device) => device.harmed).length,
    pausedAt: release.gate.pausedAt,
    cohortsHeld: input.holds.filter(isHeld).map(({ cohort }) => cohort),
    approvalsAsked: release.approvalsAsked,
    signals: input.signals,
    rejected: input.rejected,
    ...(input.rejected === 0 ? {} : { rejectedBecause: input.rejectedBecause ?? {} }),
    decisions,
    costs: input.costs,
  };
}

/** `held`: the gate keeps it from further rings, and nobody has answered what people were asked. */
function outcomeOf({ outcome, status, gate }: ReleaseView): string {
  if (outcome !== null) return outcome;
  if (gate.pausedAt !== null) return "paused";
  return gate.mode === "enforce" && gate.verdict !== "continue" ? "held" : status;
}

function incidentsOf({ id }: ReleaseView, incidents: readonly IncidentView[]) {
  return incidents
    .filter(({ releaseId }) => releaseId === id)
    .map(({ ring, openedAt, summary, closed }) => ({ ring, openedAt, summary, closed: closed?.because ?? null }));
}

/**
 * Devices that an emulated hotpatch spared every restart, of those that have installed; those that took it after a missed
 * baseline had one for that.
 */
function withoutRestart({ builds, baselineFirst }: Hotpatched, truth: readonly RingTruth[]) {
  const installed = truth.filter(({ state }) => state === "installed");
  const hotpatched = installed.filter(({ build = "" }) => builds.includes(build));
  const after = hotpatched.filter(({ deviceId }) => baselineFirst.has(deviceId)).length;
  return {
    ...{ devices: hotpatched.length - after, afterBaseline: after, installed: installed.length },
    emulatedBuilds: builds,
  };
}

/** A hold that a person or another hold made needless is not one any more; the others last as long as the release. */
function isHeld({ status }: HoldView): boolean {
  return status === "inForce" || status === "superseded" || status === "releaseEnded";
}

function ringSummary(ring: RingView) {
  const { name, size, opensAt, openedAt, completedAt, status } = ring;
  const { offered, notOffered, held, upToDate, failed, rolledBack, open } = ring;
  return {
    ...{ name, size, opensAt, openedAt, completedAt, status },
    ...{ offered, notOffered, held, upToDate, failed, rolledBack, open },
  };
}

function truthOf({ ring, name, sloAt }: RingView, truth: readonly RingTruth[]) {
  const devices = truth.filter((device) => device.ring === ring);
  const count = (state: RingTruth["state"]) => devices.filter((device) => device.state === state).length;
  return {
    ring: name,
    devices: devices.length,
    installed: count("installed"),
    onSloDay: sloAt === null ? null : devices.filter((device) => isInTime(device, Date.parse(sloAt))).length,
    failed: count("failed"),
    rolledBack: count("rolledBack"),
    neverReports: devices.filter((device) => device.neverReports).length,
  };
}

function isInTime({ state, installedAt }: RingTruth, dueAt: number): boolean {
  return state === "installed" && installedAt !== undefined && installedAt <= dueAt;
}

/** Days from the release until 95 % of the devices have truly installed; null when that never happened. */
function daysTo95(releasedAt: number, truth: readonly RingTruth[]): number | null {
  const instants = truth.flatMap(({ state, installedAt }) =>
    state === "installed" && installedAt !== undefined ? [installedAt] : [],
  );
  instants.sort((a, b) => a - b);
  const last = instants[Math.ceil(0.95 * truth.length) - 1];
  return last === undefined ? null : Math.round(((last - releasedAt) / DAY) * 100) / 100;
}

/** Share of devices, in percent, that had truly installed on the service level day of their ring. */
function complianceAtSlo(rings: readonly ReturnType<typeof truthOf>[]): number {
  const [counted, inTime] = rings.reduce(
    ([all, part], { devices, onSloDay }) => (onSloDay === null ? [all, part] : [all + devices, part + onSloDay]),
    [0, 0],
  );
  return counted === 0 ? 0 : Math.round((10_000 * inTime) / counted) / 100;
}
