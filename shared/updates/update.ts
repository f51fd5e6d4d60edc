import { UpdateKind } from "../calendar/names.js";
import { publishedAt as qualityPublishedAt } from "../calendar/publication.js";
import { type QualityUpdate, type UpdateRevision, updateKind } from "./quality-update.js";

/** Update workloads whose updates become releases (seeds: software update workloads). */
export const Workload = {
  quality: "quality",
  feature: "feature",
  driver: "driver",
  microsoft365Apps: "microsoft365Apps",
  edge: "edge",
} as const;
export type Workload = (typeof Workload)[keyof typeof Workload];

/** What a release of another workload than quality updates brings. */
export interface WorkloadUpdate {
  readonly workload: Exclude<Workload, "quality">;
  /** Tells it from every other update of the workload, for as long as there are releases. */
  readonly catalogEntryId: string;
  /** For people: `Windows 11, version 24H2`, `Edge 125.0.2535.51`. */
  readonly shortName: string;
  readonly displayName: string;
  /** ISO, the true instant of publication. */
  readonly releaseDate: string;
  /** What it brings; `kb` and `build` are key and version as signals name them. */
  readonly revisions: readonly UpdateRevision[];
  /** An older version with which a device counts as up to date in the objective; absent: only this one. */
  readonly satisfiedBy?: string;
  /** When rings are offered it, by ring, where that is not for the workload's own rule to say. */
  readonly opens?: Readonly<Record<string, RingOpening>>;
}

/** From when a ring is offered an update, and how long it takes until every device of it is. */
export interface RingOpening {
  /** ms */
  readonly at: number;
  /** Days between the first and the last offers. Default 0. */
  readonly spreadDays?: number;
}

/** What a release brings to devices. */
export type Update = QualityUpdate | WorkloadUpdate;

export function isQuality(update: Update): update is QualityUpdate {
  return update.workload === undefined || update.workload === Workload.quality;
}

export function workloadOf({ workload }: Pick<Update, "workload">): Workload {
  return workload ?? Workload.quality;
}

const { quality: _byKind, ...OTHERS } = Workload;

/** What baselines are learned for: quality updates by their kind, other workloads as such (gate.md §2). */
export const ReleaseKind = { ...UpdateKind, ...OTHERS } as const;
export type ReleaseKind = (typeof ReleaseKind)[keyof typeof ReleaseKind];

export function releaseKind(update: Update): ReleaseKind {
  return isQuality(update) ? updateKind(update) : update.workload;
}

/** The true instant (ms) at which an update was published. */
export function publishedAt(update: Update): number {
  return isQuality(update) ? qualityPublishedAt(update) : Date.parse(update.releaseDate);
}
