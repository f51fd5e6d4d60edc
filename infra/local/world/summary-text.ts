import type { RingVersions } from "./runs/run.js";
import type { summarise } from "./summary.js";

type Summary = ReturnType<typeof summarise>;

/** What `simulate` prints for people: the object of summary.ts, and what in it may surprise. */
export function summaryText(summary: Summary): string {
  const { workload, update, scenario, devices, seed, gate, costs, cohortsHeld, versions = [] } = summary;
  return [
    `${workload} · ${update.name} · ${scenario} · ${devices} devices · seed ${seed} · gate ${gate}`,
    outcomeLine(summary),
    ...summary.rings.map((_, place) => ringLine(summary, place)),
    ...notOfferedLines(summary),
    ...(versions.length === 0 ? [] : ["versions in the end, by the daily inventory:", ...versions.map(versionsLine)]),
    `days to 95 %: ${summary.daysTo95 ?? "not reached"} · ${sloText(summary)} · harmed: ${summary.harmed} · people asked: ${summary.approvalsAsked}`,
    ...(summary.incidents ?? []).map((incident) => `incident: ${incident.summary} ${incidentEnd(incident.closed)}`),
    ...restartLines(summary),
    ...(cohortsHeld.length === 0 ? [] : [`held: ${cohortsHeld.join("; ")}`]),
    `signals ${summary.signals}, rejected ${summary.rejected}${becauseText(summary.rejectedBecause)}; storage transactions ${costs.storageTransactions}, Graph calls ${costs.graphCalls}, executions ${costs.executions}, longest history ${costs.maxHistoryEvents}, ${costs.wallSeconds} s, ${costs.peakRssMb} MB`,
  ].join("\n");
}

function becauseText(reasons: Readonly<Record<string, number>> = {}): string {
  const told = Object.entries(reasons).map(([reason, count]) => `${reason} ${count}`);
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  superseded: " by a newer version",
  held: ": the gate keeps it from rings that have not begun until a person decides",
};

function outcomeLine({ outcome, pausedAt }: Summary): string {
  return `outcome ${outcome}${OUTCOMES[outcome] ?? ""}${pausedAt === null ? "" : ` (paused at ${pausedAt})`}`;
}

/** What the ledger has of a ring, and beside it what its devices really did. */
function ringLine({ rings, truth }: Summary, place: number): string {
  const [ring, really] = [rings[place], truth[place]];
  if (ring === undefined || really === undefined) return "";
  const counts = [
    ["size", ring.size, 6],
    ["up to date", ring.upToDate, 6],
    ["failed", ring.failed, 4],
    ["rolled back", ring.rolledBack, 4],
    ["held", ring.held, 4],
    ["open", ring.open, 5],
    ["not offered", ring.notOffered, 6],
  ] as const;
  const told = counts.map(([name, count, width]) => `${name} ${String(count).padStart(width)}`);
  const onDay = really.onSloDay === null ? "" : `, ${really.onSloDay} by the service level day`;
  const silent = really.neverReports === 0 ? "" : `, ${really.neverReports} never to report`;
  const said = [...told, `truly installed ${really.installed} of ${really.devices}${onDay}${silent}`];
  return `${ring.name.padEnd(8)} ${ring.status.padEnd(18)} ${said.join("  ")}`;
}

/** Windows Update names no device that needs a driver or can take a Windows version: they tell by their signals. */
function notOfferedLines({ workload, rings }: Summary): string[] {
  const opened = rings.filter(({ openedAt }) => openedAt !== null);
  const silent = opened.reduce((sum, { notOffered }) => sum + notOffered, 0);
  if (silent === 0) return [];
  if (workload === "driver") return [`not offered (${silent}): the device has no such part, or has not been heard of`];
  if (workload !== "feature") return [];
  return [`not offered (${silent}): the hardware cannot take it, or the device has not been heard of`];
}

function versionsLine({ ring, channel, target, onTarget, previous, onPrevious, devices }: RingVersions): string {
  const before = previous === null ? "" : `, on ${previous} before it ${onPrevious}`;
  return `${ring.padEnd(8)} ${channel.padEnd(18)} target ${target ?? "unknown"}: ${onTarget} of ${devices}${before}`;
}

function sloText({ complianceAtSlo, objective }: Summary): string {
  const wanted = objective === null ? "no objective" : `objective ${objective} % of Healthy devices`;
  return `truly installed on the service level day: ${complianceAtSlo} % (${wanted})`;
}

function incidentEnd(closed: string | null): string {
  return closed === null ? "(open)" : `(closed: ${closed})`;
}

function restartLines({ withoutRestart: spared }: Summary): string[] {
  if (spared === undefined) return [];
  const { devices, installed, afterBaseline, emulatedBuilds } = spared;
  const after = afterBaseline === 0 ? "" : `, ${afterBaseline} more after a restart for the baseline they had missed`;
  return [
    `without a restart: ${devices} of ${installed} that installed${after} (emulated hotpatches ${emulatedBuilds.join(", ")})`,
  ];
}
