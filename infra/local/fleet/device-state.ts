import type { Ending } from "../../../shared/model/index.js";
import type { SignalKind, SignalSubject } from "../../../shared/signals/signal.js";
import { digest } from "./target.js";

/** Instants of an attempt, ms: offered, downloading, install started, restart pending, done. */
export type JobTimes = readonly [offered: number, downloading: number, started: number, pending: number, done: number];

/** Places in `JobTimes`; a job's stage is the last one that has come, −1 before the first. */
export const Stage = { none: -1, offered: 0, downloading: 1, installing: 2, restartPending: 3, done: 4 } as const;

/** An update as a device has to do with it. */
export interface DeviceUpdate extends SignalSubject {
  /** A feature update: the build that the device has afterwards. */
  readonly brings?: string;
  /** A driver: the part it belongs to. */
  readonly component?: string;
  /** Takes effect without a restart. */
  readonly isHotpatch?: true;
}

/** An update on its way into a device. */
export interface Job extends DeviceUpdate {
  readonly attempt: number;
  readonly expedited: boolean;
  times: JobTimes;
  readonly ending: Ending;
  readonly harmed: boolean;
  /** Nothing is heard of it once it has begun to install. */
  readonly silent: boolean;
  stage: number;
}

/** What has become of an update on a device. */
export interface Result extends Omit<DeviceUpdate, "kb"> {
  readonly state: "installed" | "failed" | "rolledBack" | "bricked" | "blocked";
  /** When it happened, ms. */
  readonly at: number;
  readonly attempt: number;
  readonly harmed: boolean;
  readonly silent: boolean;
  /** The device's build before, to which a rollback leads. */
  readonly previous: string;
  /** When the device tries again after a failure, ms. */
  readonly retryAt?: number;
}

/** A signal that has happened and waits to be sent. */
export interface Outgoing extends SignalSubject {
  readonly kind: SignalKind;
  /** When it happened, ms. */
  readonly at: number;
  readonly attempt: number;
  readonly sequence: number;
  readonly errorCode?: string;
  sendAt: number;
}

/** Everything about a device that changes; plain JSON, journalled. Instants are ms of domain time. */
export interface DeviceState {
  /** Of Windows. */
  build: string;
  /** Drivers and firmware installed since the fleet began: versions by component; absent until there is one. */
  drivers?: Readonly<Record<string, string>>;
  /** What the device knew of its policies when it last read them. */
  saw: string;
  /** The next reading, and the change that caused it. */
  read?: { readonly at: number; readonly changedAt: number };
  /** Hours between two scans, where the policies that the device has read set them. */
  scanHours?: number;
  /** Ids of the safeguard holds that Windows names for its feature update; absent where there are none. */
  gatedBlocks?: readonly number[];
  /** At most one for Windows, and it comes first; one for each part that gets a driver. */
  jobs: Job[];
  /** When an ordered rollback begins. */
  rollBackAt?: number;
  /** When the device looks again by itself. */
  wakeAt?: number;
  /** When Intune next hears of the build. */
  syncAt?: number;
  /** Never comes back. */
  gone?: true;
  outbox: Outgoing[];
  /** Last signal sequence per update and attempt, `KB5039212#1`. */
  readonly sequences: Record<string, number>;
  /** Per key of the update, `KB5039212`. */
  readonly results: Record<string, Result>;
}

export function newState(build: string): DeviceState {
  return { build, saw: digest({}), jobs: [], outbox: [], sequences: {}, results: {} };
}
