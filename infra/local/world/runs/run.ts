import type { DeviceTruth } from "../../fleet/index.js";
import type { ReleaseView } from "../release-view.js";
import type { Managed } from "../seed.js";
import type { World } from "../world.js";

/** Workloads of which one release can be simulated. */
export const RunWorkload = {
  quality: "quality",
  feature: "feature",
  driver: "driver",
  hotpatch: "hotpatch",
  m365: "m365",
  edge: "edge",
} as const;
export type RunWorkload = (typeof RunWorkload)[keyof typeof RunWorkload];

/** How one release of a workload comes about in a world, and how it is found and judged there. */
export interface WorkloadRun {
  readonly workload: RunWorkload;
  /** When the sample group has been set up: midnight UTC, ms. */
  readonly startedAt: number;
  /** What the run is about, as people name it. */
  readonly update: string;
  /** What the service manages for the sample group beside the defaults. */
  readonly managed?: Managed;
  /** The run ends with every release of the tenant, not with its own. */
  readonly endsWithAll?: boolean;
  /** Makes the tenant as the run needs it, before time passes. */
  prepare?(world: World): void;
  /** What an administrator does once the group has been set up. */
  begin?(world: World): Promise<void>;
  /** The release that the run is about, once it is among those of the app. */
  find(releases: readonly ReleaseView[], world: World): ReleaseView | undefined;
  /** What really became of the update on every device that it concerns. */
  truth(world: World, release: ReleaseView): readonly DeviceTruth[];
  /** What spared devices a restart, where there are hotpatches. */
  hotpatched?(world: World): Hotpatched;
  /** What the devices of each ring have in the end, for apps. */
  versions?(world: World): Promise<readonly RingVersions[]>;
}

export interface Hotpatched {
  /** Builds that take effect without a restart. */
  readonly builds: readonly string[];
  /** Devices (Entra deviceId) that had missed the baseline when the run began. */
  readonly baselineFirst: ReadonlySet<string>;
}

/** An app in a ring. */
export interface RingVersions {
  readonly ring: string;
  readonly channel: string;
  /** The newest version of the channel; null while no list names one. */
  readonly target: string | null;
  readonly onTarget: number;
  /** The version before it. */
  readonly previous: string | null;
  readonly onPrevious: number;
  /** Devices that count: Healthy ones with Office, those on the channel with Edge. */
  readonly devices: number;
}

/** Releases of a workload, those that started first in front. */
export function oldestOf(releases: readonly ReleaseView[], workload: string): ReleaseView[] {
  return releases
    .filter(({ update }) => update.workload === workload)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
}
