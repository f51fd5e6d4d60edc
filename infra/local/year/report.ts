import { DAY_MS, iso } from "../../../shared/calendar/days.js";
import type { IncidentEnd, SloIncident } from "../../../shared/incidents/incident.js";
import type { Decision } from "../../../shared/releases/decisions.js";
import { type Workload, workloadOf } from "../../../shared/updates/update.js";
import { workloads } from "../../../shared/workloads/index.js";
import type { DevicesTenant } from "../in-process/devices-tenant.js";
import type { ReleaseRun } from "../in-process/release-run.js";
import type { DeviceRecord } from "../tenant/types.js";
import { canRunWindows11 } from "../tenant/windows-update/hardware.js";
import { buildNumber, windowsVersion, windowsVersionOf } from "../tenant/windows-update/windows-versions.js";
import type { Answering, Asked } from "./answers.js";
import type { AppsYear } from "./app-figures.js";
import type { RingFigure } from "./objectives.js";
import type { YearOptions } from "./run.js";
import { type Share, share } from "./share.js";

export interface YearInput {
  readonly options: YearOptions;
  readonly releases: readonly ReleaseRun[];
  readonly figures: readonly RingFigure[];
  readonly incidents: readonly SloIncident[];
  readonly asked: readonly Asked[];
  readonly apps: AppsYear;
  readonly tenant: DevicesTenant;
  readonly records: readonly DeviceRecord[];
  /** ms */
  readonly endsAt: number;
  readonly wallSeconds: number;
}

/** What a year has come to, workload by workload. The same options, the same object, `costs` aside. */
export interface YearReport {
  readonly from: string;
  readonly devices: number;
  readonly seed: number;
  readonly gate: string;
  readonly scenario: string;
  readonly answering: Answering;
  readonly workloads: readonly WorkloadYear[];
  /** Share of devices on the targeted Windows version, of those whose hardware allows it. */
  readonly onTarget: Share;
  /** Share of devices on a supported Windows version at the end of the year. */
  readonly onSupported: Share;
  readonly apps: AppsYear;
  /** When the gate, or a monitoring rule, held or paused a release. */
  readonly stops: readonly Stop[];
  /** When people were asked, and what became of it. */
  readonly asked: readonly Asked[];
  readonly costs: { readonly wallSeconds: number; readonly userSeconds: number; readonly peakRssMb: number };
}

export interface Stop {
  readonly at: string;
  readonly workload: Workload;
  readonly update: string;
  readonly by: Decision["by"];
  readonly verdict: string;
  /** Whether it kept devices from the update; else it was advice. */
  readonly enforced: boolean;
}

export interface WorkloadYear {
  readonly workload: Workload;
  readonly title: string;
  readonly releases: number;
  /** Outcomes of the releases, by outcome; `running` for those that go on. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rings that met their objective on their day, of those that have one. */
  readonly rings: Share;
  /** Devices of all rings on their days. */
  readonly devices: Share;
  /** Every ring on its day. */
  readonly figures: readonly RingFigure[];
  readonly incidents: IncidentCounts;
  readonly failed: number;
  readonly cohortsHeld: number;
}

export interface IncidentCounts {
  readonly opened: number;
  /** By why they were closed. */
  readonly closed: Readonly<Record<IncidentEnd, number>>;
  readonly open: number;
  /** Days from opening to closing of all of them, or to the end of the year. */
  readonly days: number;
}

/** Percent of devices on the targeted version, and on a supported one (autopatch.md §6.1). */
const TARGET_OBJECTIVE = 95;
const SUPPORTED_OBJECTIVE = 99;

export async function yearReport(input: YearInput): Promise<YearReport> {
  const { options, releases, tenant, records, endsAt, wallSeconds, apps, asked } = input;
  const { from, devices, seed, gate, scenario, answering } = options;
  const now = records.map(({ deviceId }) => tenant.record(deviceId));
  const target = windowsVersion(options.feature.version)?.firstBuild ?? "";
  const able = now.filter((record) => record.product === "Windows 11" || canRunWindows11(record));
  const has = (record: DeviceRecord) => buildNumber(record.osVersion) >= buildNumber(target);
  const isSupported = ({ osVersion }: DeviceRecord) =>
    Date.parse(windowsVersionOf(osVersion)?.endOfSupport ?? "") > endsAt;
  const years: WorkloadYear[] = [];
  for (const { id, title } of workloads()) {
    const own = releases.filter(({ release }) => workloadOf(release.update) === id);
    if (own.length > 0) years.push(await workloadYear(id, title, own, input));
  }
  const { userCPUTime, maxRSS } = process.resourceUsage();
  return {
    ...{ from, devices, seed, gate, scenario, answering, workloads: years },
    onTarget: share(able.filter(has).length, able.length, TARGET_OBJECTIVE),
    onSupported: share(now.filter(isSupported).length, now.length, SUPPORTED_OBJECTIVE),
    ...{ apps, stops: releases.flatMap(stopsOf), asked },
    costs: {
      wallSeconds,
      userSeconds: Math.round(userCPUTime / 100_000) / 10,
      peakRssMb: Math.round(maxRSS / 1024),
    },
  };
}

async function workloadYear(
  workload: Workload,
  title: string,
  runs: readonly ReleaseRun[],
  input: YearInput,
): Promise<WorkloadYear> {
  const figures = input.figures.filter((figure) => figure.workload === workload);
  const judged = figures.filter(({ objective }) => objective !== null);
  const outcomes: Record<string, number> = {};
  let failed = 0;
  for (const run of runs) {
    const outcome = run.release.state.outcome ?? "running";
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    for (const ring of Object.values((await run.summary()).rings)) failed += ring.failed;
  }
  const sum = (count: (figure: RingFigure) => number) => figures.reduce((total, figure) => total + count(figure), 0);
  return {
    ...{ workload, title, releases: runs.length, outcomes, figures, failed },
    rings: share(judged.filter(({ met }) => met).length, judged.length),
    devices: share(
      sum(({ upToDate }) => upToDate),
      sum(({ denominator }) => denominator),
      judged[0]?.objective ?? null,
    ),
    incidents: incidentCounts(
      input.incidents.filter((incident) => incident.workload === workload),
      input.endsAt,
    ),
    cohortsHeld: runs.reduce((total, { release }) => total + release.holds.length, 0),
  };
}

function stopsOf({ release, decisions }: ReleaseRun): Stop[] {
  const { update } = release;
  return decisions
    .filter(({ by, verdict }) => by !== "cohorts" && (verdict === "hold" || verdict === "pause"))
    .map(({ at, by, verdict, enforced }) => {
      return { at: iso(at), workload: workloadOf(update), update: update.shortName, by, verdict, enforced };
    });
}

function incidentCounts(incidents: readonly SloIncident[], endsAt: number): IncidentCounts {
  const closed = { met: 0, superseded: 0, withdrawn: 0 };
  let days = 0;
  for (const incident of incidents) {
    if (incident.closed !== null) closed[incident.closed.because]++;
    days += ((incident.closed?.at ?? endsAt) - incident.openedAt) / DAY_MS;
  }
  const open = incidents.filter((incident) => incident.closed === null).length;
  return { opened: incidents.length, closed, open, days: Math.round(days) };
}

/** Every ring that missed its objective on its day. */
export function missedOf({ workloads: years }: Pick<YearReport, "workloads">): RingFigure[] {
  return years.flatMap(({ figures }) => figures.filter(({ met }) => !met));
}
