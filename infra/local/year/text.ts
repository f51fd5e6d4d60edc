import type { Asked } from "./answers.js";
import type { AppsYear } from "./app-figures.js";
import type { RingFigure } from "./objectives.js";
import { type IncidentCounts, missedOf, type WorkloadYear, type YearReport } from "./report.js";
import { type Share, share } from "./share.js";

/** Updates that a table shows one by one; of more, which have no objective, it shows the rings over the year. */
const MOST_ROWS = 14;
const CELL = 20;

/** A year for people: a table for each workload, figures with their denominators, misses and questions. */
export function yearText(report: YearReport): string {
  const { from, devices, seed, gate, scenario, answering, onTarget, onSupported, apps, stops, asked, costs } = report;
  return [
    `a year from ${from} · ${devices} devices · seed ${seed} · scenario ${scenario} · gate ${gate} · questions answered by ${answering}`,
    ...report.workloads.flatMap((year) => ["", ...workloadLines(year)]),
    "",
    `Windows version targeted: ${said(onTarget)}`,
    `Windows version supported: ${said(onSupported)}`,
    ...appLines(apps),
    "",
    `held or paused: ${stops.length}`,
    ...stops.map(({ at, update, by, verdict }) => `  ${at.slice(0, 16)} ${update}: ${verdict} by ${by}`),
    `people asked: ${asked.length}`,
    ...asked.map(askedLine),
    ...missedLines(missedOf(report)),
    "",
    `${costs.wallSeconds} s, of which ${costs.userSeconds} s computing, ${costs.peakRssMb} MB`,
  ].join("\n");
}

function workloadLines({ title, releases, outcomes, figures, rings, devices, ...year }: WorkloadYear): string[] {
  const ends = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  const met = rings.of === 0 ? "no objective" : `rings that met their objective: ${rings.part} of ${rings.of}`;
  const held = year.cohortsHeld === 0 ? "" : ` · cohorts held: ${year.cohortsHeld}`;
  return [
    `${title}: ${releases} releases (${ends.join(", ")}) · ${met}`,
    ...table(figures),
    `  devices on the ring's day: ${said(devices)} · failed: ${year.failed}${held}`,
    ...(rings.of === 0 ? [] : [`  ${incidentText(year.incidents)}`]),
  ];
}

/** Updates by rings: up to date of those that count, and `!` at a miss. */
function table(figures: readonly RingFigure[]): string[] {
  const rings = [...new Set(figures.toSorted((a, b) => a.place - b.place).map(({ ring }) => ring))];
  const updates = [...new Set(figures.map(({ update }) => update))];
  const rows =
    updates.length > MOST_ROWS
      ? [["all releases", figures] as const]
      : updates.map((update) => [update, figures.filter((figure) => figure.update === update)] as const);
  const width = Math.max(...rows.map(([name]) => name.length), 0) + 2;
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell) => cell.padEnd(CELL)).join("")}`.trimEnd();
  return [
    line("", rings),
    ...rows.map(([name, own]) =>
      line(
        name,
        rings.map((ring) => cellOf(own.filter((figure) => figure.ring === ring))),
      ),
    ),
  ];
}

function cellOf(figures: readonly RingFigure[]): string {
  if (figures.length === 0) return "-";
  const sum = (count: (figure: RingFigure) => number) => figures.reduce((total, figure) => total + count(figure), 0);
  const [part, of] = [sum(({ upToDate }) => upToDate), sum(({ denominator }) => denominator)];
  const percent = of === 0 ? "-" : `${Math.floor((part * 1000) / of) / 10} %`;
  return `${part}/${of} ${percent}${figures.every(({ met }) => met) ? "" : " !"}`;
}

function incidentText({ opened, closed, open, days }: IncidentCounts): string {
  const because = Object.entries(closed).flatMap(([why, count]) => (count === 0 ? [] : [`${count} closed: ${why}`]));
  const still = open === 0 ? [] : [`${open} still open`];
  return opened === 0
    ? "incidents: none"
    : `incidents: ${opened} opened (${[...because, ...still].join(", ")}), ${days} days in all`;
}

function appLines({ office, edge, teams, antivirus }: AppsYear): string[] {
  const weekly = office.weeks.map(({ supported }) => supported);
  const [newest, recent] = [edge.weeks.map((week) => week.newest), edge.weeks.map((week) => week.recent)];
  return [
    "",
    "Apps by the daily inventories",
    ...office.months.map(
      ({ version, at, supported, newest: on }) =>
        `  Office ${version} until ${at.slice(0, 10)}: supported ${said(supported)} · newest ${said(on)}`,
    ),
    `  Office at ${weekly.length} week ends: supported at least ${said(worst(weekly))} · days below the objective: ${office.daysBelowObjective} of ${office.days}`,
    `  Edge at ${newest.length} week ends: on the newest of the channel at least ${said(worst(newest))} · on it or the one before at least ${said(worst(recent))} (no objective)`,
    `  Teams: ${teams.eligible} of ${teams.devices} devices eligible, on ${Object.entries(teams.versions)
      .map(([version, count]) => `${version}: ${count}`)
      .join(", ")}`,
    `  Antivirus: definitions at most ${antivirus.staleAfterDays} days old on ${antivirus.percentFresh ?? "-"} % of ${antivirus.eligible}, the oldest ${antivirus.oldestDays ?? "-"} days`,
  ];
}

/** The lowest of them; nothing of nothing where there is none. */
function worst([first, ...others]: readonly Share[]): Share {
  if (first === undefined) return share(0, 0);
  return others.reduce((low, each) => ((each.percent ?? 100) < (low.percent ?? 100) ? each : low), first);
}

function askedLine({ at, update, kind, failures, offered, answer, timeOut }: Asked): string {
  const became =
    answer === null ? `nobody answered: ${timeOut.answer} after ${timeOut.hours} h` : `answered: ${answer}`;
  return `  ${at.slice(0, 16)} ${update}: ${kind}, ${failures} of ${offered} failed; ${became}`;
}

function missedLines(missed: readonly RingFigure[]): string[] {
  return ["", `missed: ${missed.length === 0 ? "none" : missed.length}`, ...missed.map(missedLine)];
}

function missedLine({ update, ring, at, upToDate, denominator, percent, objective, ...figure }: RingFigure): string {
  const { notOffered, failed, lastWaveDays } = figure;
  const why = [
    ...(notOffered === 0 ? [] : [`${notOffered} not offered yet`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(lastWaveDays === null || lastWaveDays < 1 ? [] : [`last wave ${lastWaveDays} days late`]),
  ];
  const reasons = why.length === 0 ? "" : `; ${why.join(", ")}`;
  return `  ${update} in ${ring}: ${upToDate} of ${denominator} (${percent} %) on ${at.slice(0, 10)}, objective ${objective} %${reasons}`;
}

function said({ part, of, percent, objective, met }: Share): string {
  const wanted = objective === null ? "" : ` (objective ${objective} %: ${met ? "met" : "MISSED"})`;
  return `${part} of ${of} (${percent ?? "-"} %)${wanted}`;
}
