import type { RingSettings } from "./ring.js";

export interface MergedSettings {
  /** What the running release goes on with in this ring. */
  readonly now: RingSettings;
  /** What the ring uses for the next release. */
  readonly nextCycle: RingSettings;
  readonly appliesFrom: "now" | "nextCycle";
}

/**
 * An edit in mid-cycle: a ring that has already started keeps its values until the next cycle, one that has not takes
 * the new ones at once (autopatch.md §5.4, row 52).
 */
export function mergeRingSettings(running: RingSettings, edited: RingSettings, started: boolean): MergedSettings {
  return started
    ? { now: running, nextCycle: edited, appliesFrom: "nextCycle" }
    : { now: edited, nextCycle: edited, appliesFrom: "now" };
}
