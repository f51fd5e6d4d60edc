import type { DeviceTruth } from "../fleet/index.js";
import type { DecisionView, HoldView, ReleaseView, RingView } from "./release-view.js";
import type { RunWorkload } from "./runs/run.js";

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
  /** Emulated hotpatches: builds that take effect without a restart; absent where the update has none. */
  readonly withoutRestart?: readonly string[] | undefined;
  /** Signals that the devices sent. */
  readonly signals: number;
  /** Signals that were refused. */
  readonly rejected: number;
  readonly costs: Costs;
}

/** The object that `simulate --json` prints (design.md §5). */
export function summarise(input: SummaryInput) {
  const { release, truth, decisions } = input;
  const releasedAt = Date.parse(release.update.releasedAt);
  return {
    workload: input.workload,
    scenario: input.scenario,
    seed: input.seed,
    devices: input.devices,
    update: release.update,
    gate: release.gate.mode,
    outcome: release.outcome ?? (release.gate.pausedAt === null ? release.status : "paused"),
    rings: release.rings.map(ringSummary),
    truth: release.rings.map((ring) => truthOf(ring, truth)),
    daysTo95: daysTo95(releasedAt, truth),
    complianceAtSlo: complianceAtSlo(release.rings, truth),
    ...(input.withoutRestart === undefined ? {} : { withoutRestart: withoutRestart(input.withoutRestart, truth) }),
    harmed: truth.filter((device) => device.harmed).length,
    pausedAt: release.gate.pausedAt,
    cohortsHeld: input.holds.filter(isHeld).map(({ cohort }) => cohort),
    approvalsAsked: release.approvalsAsked,
    signals: input.signals,
    rejected: input.rejected,
    decisions,
    costs: input.costs,
  };
}

/** Devices that an emulated hotpatch spared the restart, of those that have installed. */
function withoutRestart(emulatedBuilds: readonly string[], truth: readonly RingTruth[]) {
  const installed = truth.filter(({ state }) => state === "installed");
  const devices = installed.filter(({ build = "" }) => emulatedBuilds.includes(build)).length;
  return { devices, installed: installed.length, emulatedBuilds };
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

function truthOf({ ring, name }: RingView, truth: readonly RingTruth[]) {
  const devices = truth.filter((device) => device.ring === ring);
  const count = (state: RingTruth["state"]) => devices.filter((device) => device.state === state).length;
  return {
    ring: name,
    installed: count("installed"),
    failed: count("failed"),
    rolledBack: count("rolledBack"),
    neverReports: devices.filter((device) => device.neverReports).length,
  };
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
function complianceAtSlo(rings: readonly RingView[], truth: readonly RingTruth[]): number {
  const dayOf = new Map(rings.map((ring) => [ring.ring, ring.sloAt === null ? undefined : Date.parse(ring.sloAt)]));
  const counted = truth.filter((device) => dayOf.get(device.ring) !== undefined);
  const inTime = counted.filter(
    ({ ring, state, installedAt }) =>
      state === "installed" && installedAt !== undefined && installedAt <= (dayOf.get(ring) ?? 0),
  );
  return counted.length === 0 ? 0 : Math.round((10_000 * inTime.length) / counted.length) / 100;
}

/** The same for people. */
export function summaryText(summary: ReturnType<typeof summarise>): string {
  const header = `${summary.workload} · ${summary.update.name} · ${summary.scenario} · ${summary.devices} devices · seed ${summary.seed} · gate ${summary.gate}`;
  const rings = summary.rings.map((ring, index) => {
    const truth = summary.truth[index];
    return `${ring.name.padEnd(8)} ${ring.status.padEnd(18)} size ${String(ring.size).padStart(6)}  up to date ${String(ring.upToDate).padStart(6)}  failed ${String(ring.failed).padStart(4)}  rolled back ${String(ring.rolledBack).padStart(4)}  open ${String(ring.open).padStart(5)}  not offered ${String(ring.notOffered).padStart(6)}  truly installed ${truth?.installed ?? 0}`;
  });
  const { costs, withoutRestart: spared } = summary;
  return [
    header,
    `outcome ${summary.outcome}${summary.pausedAt === null ? "" : ` (paused at ${summary.pausedAt})`}`,
    ...rings,
    `days to 95 %: ${summary.daysTo95 ?? "not reached"} · at the service level day: ${summary.complianceAtSlo} % · harmed: ${summary.harmed} · people asked: ${summary.approvalsAsked}`,
    ...(spared === undefined
      ? []
      : [
          `without a restart: ${spared.devices} of ${spared.installed} that installed (emulated hotpatches ${spared.emulatedBuilds.join(", ")})`,
        ]),
    ...(summary.cohortsHeld.length === 0 ? [] : [`held: ${summary.cohortsHeld.join("; ")}`]),
    `signals ${summary.signals}, rejected ${summary.rejected}; storage transactions ${costs.storageTransactions}, Graph calls ${costs.graphCalls}, executions ${costs.executions}, longest history ${costs.maxHistoryEvents}, ${costs.wallSeconds} s, ${costs.peakRssMb} MB`,
  ].join("\n");
}
