const MONTHS = "january february march april may june july august september october november december".split(" ");
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

interface Field {
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { title: "second", min: 0, max: 59 },
  { title: "minute", min: 0, max: 59 },
  { title: "hour", min: 0, max: 23 },
  { title: "day", min: 1, max: 31 },
  { title: "month", min: 1, max: 12, names: MONTHS },
  { title: "day of week", min: 0, max: 6, names: WEEKDAYS },
];

const DAY_MS = 86_400_000;
/** A 29 February on a given weekday comes back within 40 years, centuries without a leap day included. */
const HORIZON_DAYS = 41 * 366;

/** An NCRONTAB expression in wall time; instants are milliseconds as if the wall clock showed UTC. */
export interface Ncrontab {
  /** The hour field is `*` or has a step: the schedule repeats within the day rather than naming points of it. */
  readonly interval: boolean;
  /** The first occurrence strictly after `wall`; undefined when there is none (30 February). */
  next(wall: number): number | undefined;
}

/**
 * Parses `second minute hour day month day-of-week`; five fields mean second 0. Day of month and day of week must BOTH
 * match, unlike in Unix cron (functions-host.md §5.3). Throws with the field at fault.
 */
export function parseNcrontab(expression: string): Ncrontab {
  const parts = expression.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift("0");
  if (parts.length !== 6)
    throw new Error(`expected 6 fields (second minute hour day month day-of-week), found ${parts.length}`);
  const sets = FIELDS.map((field, i) => parseField(parts[i] ?? "", field));
  const [seconds = [], minutes = [], hours = [], days = [], months = [], weekdays = []] = sets;
  const matchesDay = (date: Date): boolean =>
    days.includes(date.getUTCDate()) && months.includes(date.getUTCMonth() + 1) && weekdays.includes(date.getUTCDay());
  return {
    interval: /[*/]/.test(parts[2] ?? ""),
    next: (wall) => {
      const from = Math.floor(wall / 1_000) * 1_000 + 1_000;
      const firstDay = Math.floor(from / DAY_MS) * DAY_MS;
      for (let day = firstDay; day < firstDay + HORIZON_DAYS * DAY_MS; day += DAY_MS) {
        if (!matchesDay(new Date(day))) continue;
        const time = firstTime(hours, minutes, seconds, day === firstDay ? (from - firstDay) / 1_000 : 0);
        if (time !== undefined) return day + time * 1_000;
      }
      return undefined;
    },
  };
}

/** The first second of the day at or after `from` that all three sets contain. */
function firstTime(hours: number[], minutes: number[], seconds: number[], from: number): number | undefined {
  for (const hour of hours) {
    if (hour * 3_600 + 3_599 < from) continue;
    for (const minute of minutes) {
      const start = hour * 3_600 + minute * 60;
      if (start + 59 < from) continue;
      const second = seconds.find((candidate) => start + candidate >= from);
      if (second !== undefined) return start + second;
    }
  }
  return undefined;
}

/** The values a field allows, ascending. */
function parseField(text: string, field: Field): number[] {
  const values = new Set(text.split(",").flatMap((item) => parseItem(item, field)));
  return [...values].sort((a, b) => a - b);
}

/** `*`, `a`, `a-b`, each with an optional `/step`; `a/step` runs from a to the field's maximum. */
function parseItem(item: string, field: Field): number[] {
  const [range = "", step, ...excess] = item.split("/");
  if (excess.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
    throw new Error(`${field.title} "${item}" has a step that is not a positive number`);
  }
  const [first, last] = parseRange(range, field, step !== undefined);
  const stride = Number(step ?? 1);
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, i) => first + i * stride);
}

function parseRange(range: string, field: Field, open: boolean): [number, number] {
  if (range === "*") return [field.min, field.max];
  const [from = "", to, ...excess] = range.split("-");
  if (excess.length > 0) throw new Error(`${field.title} "${range}" is no range`);
  const first = parseValue(from, field);
  const last = to === undefined ? (open ? field.max : first) : parseValue(to, field);
  if (last < first) throw new Error(`${field.title} "${range}" runs backwards`);
  return [first, last];
}

function parseValue(text: string, field: Field): number {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    if (value >= field.min && value <= field.max) return value;
    throw new Error(`${field.title} ${text} is outside ${field.min}-${field.max}`);
  }
  const lower = text.toLowerCase();
  const named = lower.length < 3 ? -1 : (field.names ?? []).findIndex((name) => name.startsWith(lower));
  if (named === -1) throw new Error(`${field.title} "${text}" is neither a number nor a name of this field`);
  return named + field.min;
}
