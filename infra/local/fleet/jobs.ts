import { compareVersions } from "../../../shared/drivers/version.js";
import { SignalWorkload } from "../../../shared/signals/signal.js";
import { isNewer } from "./build-number.js";
import { type DeviceUpdate, type Job, type JobTimes, Stage } from "./device-state.js";
import type { Target } from "./target.js";

const MINUTE = 60_000;

/** When a job reaches its next stage, ms. */
export function nextTime(job: Job): number {
  return job.times[job.stage + 1] ?? Infinity;
}

/** The job that reaches its next stage first. */
export function earliest(jobs: readonly Job[]): Job | undefined {
  let first: Job | undefined;
  for (const job of jobs) if (first === undefined || nextTime(job) < nextTime(first)) first = job;
  return first;
}

/** From when on a device that wants to begin an installation at `at` (ms) installs nothing else, ms. */
export function freeAt(jobs: readonly Job[], at: number): number {
  const installing = jobs.filter(({ stage }) => stage === Stage.installing);
  return Math.max(at, ...installing.map((job) => nextTime(job) + MINUTE));
}

/** Moves the stages that are still to come. */
export function postpone(job: Job, byMs: number): void {
  job.times = job.times.map((time, stage) => (stage > job.stage ? time + byMs : time)) as unknown as JobTimes;
}

/** Whether a job has installed its update and waits for a restart. */
export function isWaiting({ stage, isHotpatch }: Job): boolean {
  return stage === Stage.restartPending && isHotpatch !== true;
}

/** Whether what is to be installed has to wait: for Windows itself, or the same part, there is a job already. */
export function isBusy(jobs: readonly Job[], update: DeviceUpdate): boolean {
  return jobs.some((job) => isSameTrack(job, update));
}

/**
 * Whether a job ends before its time: one that has not begun to install when there is nothing to install any more, or
 * something else; one that has, only for a newer update (autopatch.md §5.10: the newest approved release wins).
 */
export function isOver(job: Job, targets: readonly Target[]): boolean {
  const target = targets.find((each) => isSameTrack(job, each));
  if (target !== undefined && isNewerUpdate(target, job)) return true;
  if (job.stage >= Stage.installing) return false;
  return (
    target?.build !== job.build || target.isHeld === true || (target.expeditedDays !== undefined && !job.expedited)
  );
}

/** Windows is one thing that a device installs at a time, each of its parts another. */
function isSameTrack(a: DeviceUpdate, b: DeviceUpdate): boolean {
  const isDriver = a.workload === SignalWorkload.driver;
  return isDriver === (b.workload === SignalWorkload.driver) && a.component === b.component;
}

function isNewerUpdate(update: DeviceUpdate, than: DeviceUpdate): boolean {
  if (update.workload === SignalWorkload.driver) return compareVersions(update.build, than.build) > 0;
  return isNewer(update.build, than.build);
}
