import { type AttributeIndex, indexAttributes } from "../../shared/attributes/columns.js";
import { type Cohort, cohortId, devicesOf } from "../../shared/cohorts/cohort.js";
import { drillDown } from "../../shared/cohorts/drill-down.js";
import {
  deviceSynthesiser,
  Ending,
  installDelay,
  MODEL_DEFAULTS,
  neverReports,
  outcomeOf,
  reportDelayDays,
} from "../../shared/model/index.js";
import { hash32, uniform } from "../../shared/random.js";

/** The rings of gate.md §1a: share of the fleet, day of the offer, deadline in days. */
const RINGS = [
  { share: 0.001, opensDay: 0, deadlineDays: 0 },
  { share: 0.01, opensDay: 1, deadlineDays: 2 },
  { share: 0.09, opensDay: 6, deadlineDays: 2 },
  { share: 0.899, opensDay: 9, deadlineDays: 5 },
] as const;
export const FLEET_DEVICES = 50_000;
/** Cohorts are looked for every 6 h until Broad opens, then daily until most of its reports are in. */
const LOOKS = [...range(1, 36).map((quarter) => quarter / 4), ...range(10, 18)];

/** A month of one update on a fleet. */
export interface Month {
  readonly index: AttributeIndex;
  readonly seed: number;
  /** What the update adds to the failure rate of a device, 0–1. */
  readonly added: (device: number) => number;
  /** Nothing after this day is played. */
  readonly untilDay: number;
}

export interface MonthResult {
  /** Cohorts in the order in which they were held. */
  readonly held: readonly Cohort[];
  /** Those that are still held at the end: superfluous ones are released. */
  readonly kept: readonly Cohort[];
  /** When the first one was held; null when none was. */
  readonly first: {
    readonly day: number;
    readonly offered: number;
    readonly exposed: number;
    readonly reported: number;
  } | null;
}

/** A fleet as gate.md §1a describes it. */
export function fleetIndex(seed: number, size = FLEET_DEVICES): AttributeIndex {
  const synthesise = deviceSynthesiser(seed);
  return indexAttributes(size, (device) => ({ ...synthesise(device).attributes }));
}

/** Values that 3–8 % of the fleet have, each a bad cohort to be (gate.md §5). */
export function badCohorts(index: AttributeIndex): Cohort[] {
  return index.columns.flatMap(({ name, values, counts }) =>
    values.flatMap((value, code): Cohort[] => {
      const share = (counts[code] ?? 0) / index.size;
      return share >= 0.03 && share <= 0.08 ? [[{ attribute: name, value }]] : [];
    }),
  );
}

/**
 * Plays a month: rings open by the calendar, devices install and report as the model says, and cohorts are looked for
 * again and again. A held cohort is not offered the update from then on; what was offered takes its course.
 */
export function playMonth({ index, seed, added, untilDay }: Month): MonthResult {
  const devices = inRings(index, seed, added, untilDay);
  const held: Cohort[] = [];
  let kept: Cohort[] = [];
  let first: MonthResult["first"] = null;
  let failures = 0;
  for (const day of LOOKS.filter((day) => day <= untilDay)) {
    const reported = devices.filter(({ reportedAt }) => reportedAt <= day);
    const failing = reported.filter(({ failed }) => failed).map(({ device }) => device);
    if (failing.length === failures) continue;
    failures = failing.length;
    const exposed = reported.map(({ device }) => device);
    const result = drillDown({ index, exposed, failing, held: kept });
    const found = result.held.map(({ input }) => input.cohort);
    if (found.length > 0 && first === null) {
      first = {
        day,
        offered: devices.filter(({ offeredAt }) => offeredAt <= day).length,
        exposed: devices.filter(({ installedAt }) => installedAt <= day).length,
        reported: reported.length,
      };
    }
    held.push(...found);
    const superfluous = new Set(result.superfluous.map(({ cohort }) => cohort));
    kept = [...kept, ...found].filter((cohort) => !superfluous.has(cohortId(cohort)));
  }
  return { held, kept, first };
}

/** Whether the cohorts together are exactly the devices of another. */
export function sameDevices(index: AttributeIndex, cohorts: readonly Cohort[], other: Cohort): boolean {
  const union = new Set(cohorts.flatMap((cohort) => [...devicesOf(index, cohort)]));
  const wanted = devicesOf(index, other);
  return union.size === wanted.length && wanted.every((device) => union.has(device));
}

interface Played {
  readonly device: number;
  readonly offeredAt: number;
  readonly installedAt: number;
  readonly reportedAt: number;
  readonly failed: boolean;
}

/** Every device in a ring by lot, and what becomes of the update there; instants in days. */
function inRings(index: AttributeIndex, seed: number, added: Month["added"], untilDay: number): Played[] {
  const model = MODEL_DEFAULTS;
  const update = `cohort ${seed}`;
  const order = Array.from({ length: index.size }, (_, device) => device);
  const place = Uint32Array.from(order, (device) => hash32(seed, device, "ring"));
  order.sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0));
  let next = 0;
  return RINGS.filter(({ opensDay }) => opensDay < untilDay).flatMap(({ share, opensDay, deadlineDays }) => {
    const members = order.slice(next, next + Math.round(share * index.size));
    next += members.length;
    return members.map((device) => {
      const installedAt = opensDay + installDelay(model, deadlineDays, seed, device, update).days;
      const { ending } = outcomeOf(model, seed, device, update, 1, { failureRate: added(device) });
      const failed = ending !== Ending.installed;
      const silent = neverReports(model, seed, device, update, failed);
      const delay = silent ? Number.POSITIVE_INFINITY : reportDelayDays(model, seed, device, update, failed);
      return { device, offeredAt: opensDay, installedAt, reportedAt: installedAt + delay, failed };
    });
  });
}

export function pickOne<T>(values: readonly T[], seed: number): T {
  const value = values[Math.floor(uniform(seed, "pick") * values.length)];
  if (value === undefined) throw new Error("There is nothing to pick from.");
  return value;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
