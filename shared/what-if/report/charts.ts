import type { Distribution } from "../../statistics.js";
import { escaped, figure } from "./text.js";

/** One candidate in a chart; candidates keep their place, so that colour and dashes are the same everywhere. */
export interface Series {
  readonly name: string;
  readonly place: number;
}

const WIDTH = 720;
const LEFT = 170;
const RIGHT = 60;
const ROW = 34;
const AXIS = 34;
const PLOT = WIDTH - LEFT - RIGHT;

/** A picture with a title and a text that says the same to those who do not see it. */
function picture(id: string, height: number, title: string, description: string, body: string): string {
  return `<svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${WIDTH} ${height}"><title id="${id}-t">${escaped(title)}</title><desc id="${id}-d">${escaped(description)}</desc>${body}</svg>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end" = "start"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Steps of 1, 2 or 5 times a power of ten, at most eight or so. */
function ticksTo(most: number): number[] {
  const rough = Math.max(most, 1e-9) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, at) => at * step);
}

function grid(most: number, height: number, unit: string): string {
  const x = (value: number) => LEFT + (PLOT * value) / most;
  const lines = ticksTo(most).map(
    (tick) =>
      `<line class="grid" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="4" y2="${height - AXIS}"/>${text(x(tick), height - AXIS + 16, figure(tick), "middle")}`,
  );
  return `${lines.join("")}${text(LEFT + PLOT / 2, height - 2, unit, "middle")}`;
}

/** What a row of a box chart shows. */
export interface Box extends Series {
  readonly value: Distribution | null | undefined;
}

/** Box chart: a line from the 5th to the 95th percentile, a bar at the median, a dot at the mean with its number. */
export function boxes(id: string, title: string, unit: string, rows: readonly Box[]): string {
  const known = rows.flatMap(({ value }) => value ?? []);
  const most = Math.max(1, ...known.flatMap(({ mean, p95 }) => [mean, p95])) * 1.02;
  const height = rows.length * ROW + AXIS + 8;
  const x = (value: number) => round(LEFT + (PLOT * Math.min(value, most)) / most);
  const drawn = rows.map(({ name, place, value }, row) => {
    const y = row * ROW + ROW / 2 + 4;
    const label = text(LEFT - 10, y + 4, shortened(name), "end");
    if (value === null || value === undefined) return label + text(LEFT + 6, y + 4, "not simulated");
    const { mean, p5, p50, p95 } = value;
    const range = `<line class="range" x1="${x(p5)}" x2="${x(p95)}" y1="${y}" y2="${y}"/>`;
    const median = `<line class="median" x1="${x(p50)}" x2="${x(p50)}" y1="${y - 9}" y2="${y + 9}"/>`;
    const dot = `<circle cx="${x(mean)}" cy="${y}" r="5"/>`;
    const number = text(Math.max(x(p95), x(mean)) + 9, y + 4, figure(mean));
    return `${label}<g class="c${place}">${range}${median}${dot}</g>${number}`;
  });
  const description = rows.map(({ name, value }) => `${name}: ${spoken(value)}`).join("; ");
  return picture(id, height, title, `In ${unit}. ${description}.`, grid(most, height, unit) + drawn.join(""));
}

function spoken(value: Distribution | null | undefined): string {
  if (value === null || value === undefined) return "not simulated";
  return `mean ${figure(value.mean)}, median ${figure(value.p50)}, 5th to 95th percentile ${figure(value.p5)} to ${figure(value.p95)}`;
}

const LONGEST_LABEL = 24;
const shortened = (name: string): string =>
  name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;

/** Per cent by the end of each day. */
export interface Curve extends Series {
  readonly byDay: readonly number[];
}

const CURVE_HEIGHT = 300;
const BOTTOM = CURVE_HEIGHT - AXIS;
/** Room for the numbers of the vertical axis. */
const CURVE_LEFT = 46;
const MARKS = [50, 90, 95] as const;

/** Share of the devices that have installed by day, one line per candidate; days after the last news are left out. */
export function curves(id: string, title: string, series: readonly Curve[]): string {
  const days = Math.min(40, Math.max(10, ...series.map(({ byDay }) => byDay.findIndex((share) => share > 99.5) + 2)));
  const x = (day: number) => round(CURVE_LEFT + ((WIDTH - CURVE_LEFT - 20) * day) / days);
  const y = (share: number) => round(BOTTOM - (BOTTOM - 10) * (share / 100));
  const across = [0, 25, 50, 75, 90, 95].map(
    (share) =>
      `<line class="grid" x1="${CURVE_LEFT}" x2="${WIDTH - 20}" y1="${y(share)}" y2="${y(share)}"/>${share === 90 ? "" : text(CURVE_LEFT - 6, y(share) + 4, `${share} %`, "end")}`,
  );
  const down = ticksTo(days).map((day) => text(x(day), BOTTOM + 16, figure(day), "middle"));
  const lines = series.map(({ place, byDay }) => {
    const points = [0, ...byDay.slice(0, days)].map((share, day) => `${x(day)},${y(share)}`);
    return `<polyline class="c${place} d${place}" points="${points.join(" ")}"/>`;
  });
  const reached = series.map(({ name, byDay }) => {
    const marks = MARKS.map((share) => {
      const day = byDay.findIndex((one) => one >= share);
      return day < 0 ? `${share} % never` : `${share} % by day ${day + 1}`;
    });
    return `${name}: ${marks.join(", ")}`;
  });
  const body = `${across.join("")}${down.join("")}${text(WIDTH / 2, CURVE_HEIGHT - 2, "days since the release", "middle")}${lines.join("")}`;
  return picture(id, CURVE_HEIGHT, title, `${reached.join("; ")}.`, body);
}
