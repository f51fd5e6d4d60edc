import { DAY_MS } from "../../../../shared/calendar/days.js";
import { gradualGroupCount } from "../../../../shared/feature-releases/gradual-groups.js";
import { hash32 } from "../../../../shared/random.js";
import type { DeviceRecord } from "../types.js";

/** Devices in the order in which they are offered something; those that join come last. */
export interface Queue {
  readonly size: () => number;
  /** From 0; undefined for a device that is not in it. */
  readonly rankOf: (objectId: string) => number | undefined;
}

/**
 * Groups some days apart: until an end (ms) with the last of them, about even by chance or, where lots are drawn, exactly
 * and of at least 100 devices (autopatch.md §6.4); or of so many devices each.
 */
export type Gradual = { readonly intervalDays: number } & (
  | { readonly end: number; readonly lots?: Queue }
  | { readonly devicesPerOffer: number; readonly queue: Queue }
);

/** When devices are offered an update: at once, from a date, or in groups one interval apart (graph.md §1.6, 2.3). */
export interface Rollout {
  /** ms; absent, at once. Gradual ones have one. */
  readonly start?: number;
  readonly gradual?: Gradual;
  /** From then on nobody is offered it any more, ms. */
  readonly until?: number;
}

/** Something that is rolled out. */
export interface Rolled {
  readonly id: string;
  readonly rollout: Rollout;
}

/** Whether a device's turn has come at `now` (ms). */
export function isOffered(
  { id, rollout }: Rolled,
  device: Pick<DeviceRecord, "deviceId" | "objectId">,
  now: number,
): boolean {
  const { start = Number.NEGATIVE_INFINITY, gradual, until = Number.POSITIVE_INFINITY } = rollout;
  if (now < start || now >= until) return false;
  return gradual === undefined || start + groupOf(id, start, gradual, device) * intervalOf(gradual) <= now;
}

/** The next instant after `now` (ms) at which more devices are offered it, or none any more, if there is one. */
export function nextChange({ start, gradual, until }: Rollout, now: number): number | undefined {
  const group = start === undefined ? undefined : nextGroup(start, gradual, now);
  const next = Math.min(...[group, until].flatMap((at) => (at !== undefined && at > now ? [at] : [])));
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

function nextGroup(start: number, gradual: Gradual | undefined, now: number): number | undefined {
  if (gradual === undefined || now < start) return start;
  const nth = Math.floor((now - start) / intervalOf(gradual)) + 1;
  return nth < groups(start, gradual) ? start + nth * intervalOf(gradual) : undefined;
}

/** The group of a device, from 0: by its turn, or by chance. */
function groupOf(
  id: string,
  start: number,
  gradual: Gradual,
  { deviceId, objectId }: Pick<DeviceRecord, "deviceId" | "objectId">,
): number {
  if ("end" in gradual) {
    const { lots } = gradual;
    if (lots === undefined) return hash32("rollout group", id, deviceId) % groups(start, gradual);
    return Math.floor(((lots.rankOf(objectId) ?? 0) * groups(start, gradual)) / Math.max(1, lots.size()));
  }
  return Math.floor((gradual.queue.rankOf(objectId) ?? 0) / gradual.devicesPerOffer);
}

/** How many groups there are; until an end floor(span / days) + 1 (autopatch.md §6.4). */
function groups(start: number, gradual: Gradual): number {
  if ("end" in gradual) {
    const most = Math.max(1, Math.floor((gradual.end - start) / intervalOf(gradual)) + 1);
    return gradual.lots === undefined ? most : gradualGroupCount(gradual.lots.size(), most);
  }
  return Math.ceil(gradual.queue.size() / gradual.devicesPerOffer);
}

function intervalOf({ intervalDays }: Gradual): number {
  return intervalDays * DAY_MS;
}
