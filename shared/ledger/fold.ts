import { HOUR_MS } from "../calendar/days.js";
import { type RawSignal, type Rejection, readSignal, type Signal } from "../signals/intake.js";
import { SignalKind, SignalWorkload } from "../signals/signal.js";
import { groupBy, inParallel, sum } from "./collections.js";
import { type LedgerContext, PARALLEL } from "./context.js";
import { type LedgerRelease, shardOf } from "./layout.js";
import { joinEntry, type LogEntry, packLog, unpackLog } from "./log.js";
import { countRejections } from "./rejections.js";
import { NO_WAVE } from "./row.js";
import type { Edit, Shard } from "./shard.js";
import type { ExpectedRelease } from "./updates.js";

/** What one batch did. */
export interface FoldResult {
  /** Releases that signals of the batch belong to, changed or not: after a crash a batch comes again and changes nothing. */
  readonly releases: readonly {
    readonly releaseId: string;
    readonly signals: number;
    /** Those of them that say how an installation ended. */
    readonly reports: number;
    readonly devicesChanged: number;
  }[];
  /** Signals that are in the ledger now, duplicates included. */
  readonly accepted: number;
  readonly devicesChanged: number;
  readonly rejected: readonly Rejection[];
  /** Signals that came before the release they are about, and are to come again. */
  readonly early: readonly RawSignal[];
}

/**
 * A device takes a driver as soon as its policy approves it; the release that measures it starts with the next hourly
 * look. Until then, ms, nobody knows the driver.
 */
const EARLY_MS = 2 * HOUR_MS;

/** A beginning is none: it speaks against the update only by the time in which nothing follows. */
const REPORTS: ReadonlySet<SignalKind> = new Set([SignalKind.installed, SignalKind.failed, SignalKind.rolledBack]);

interface Candidate {
  readonly signal: Signal;
  readonly body: unknown;
  readonly releases: readonly ExpectedRelease[];
}

interface Group {
  readonly release: LedgerRelease;
  readonly shard: Shard;
  signals: Signal[];
  changed: number;
}

/**
 * Joins a batch of signals into the ledger; the same batch again changes nothing.
 * @param now domain time, ms
 * @throws AppError retryable when storage stays away; whatever was committed is kept, the batch may come again
 */
export async function foldSignals(
  context: LedgerContext,
  batch: readonly RawSignal[],
  now: number,
): Promise<FoldResult> {
  const rejected: Rejection[] = [];
  const early: RawSignal[] = [];
  const candidates = await read(context, batch, now, { rejected, early });
  const groups = await place(context, candidates, rejected);
  await inParallel(PARALLEL, groups, async (group) => {
    group.changed = await group.shard.change(edits(group.signals, group.release));
  });
  const releases = await publish(context, groups);
  if (rejected.length > 0) await countRejections(context.store.summaries, rejected, now);
  return {
    releases,
    accepted: sum(groups, (group) => group.signals.length),
    devicesChanged: sum(groups, (group) => group.changed),
    rejected,
    early,
  };
}

interface SetAside {
  readonly rejected: Rejection[];
  readonly early: RawSignal[];
}

async function read(context: LedgerContext, batch: readonly RawSignal[], now: number, { rejected, early }: SetAside) {
  const lookup = context.updates.lookup();
  const candidates: Candidate[] = [];
  for (const raw of batch) {
    const intake = readSignal(raw, now);
    if ("rejection" in intake) {
      rejected.push(intake.rejection);
      continue;
    }
    const { signal } = intake;
    const releases = await lookup(signal.kb, signal.build);
    if (releases.length > 0) candidates.push({ signal, body: raw.body, releases });
    else if (isEarly(signal, now)) early.push(raw);
    else {
      const message = `No release offers ${signal.kb} with build ${signal.build}.`;
      rejected.push({ reason: "unknownRelease", message, body: raw.body });
    }
  }
  return candidates;
}

function isEarly({ workload, at }: Signal, now: number): boolean {
  return workload === SignalWorkload.driver && now - at < EARLY_MS;
}

/** Finds each signal's device: in the newest release of the update that had started by then. */
async function place(
  context: LedgerContext,
  candidates: readonly Candidate[],
  rejected: Rejection[],
): Promise<Group[]> {
  const groups = new Map<Shard, Group>();
  const enrolled = await enrolment(context, candidates);
  for (const { signal, body, releases } of candidates) {
    const holding = releases.filter(({ releaseId }) => enrolled.has(releaseId, signal.deviceId));
    const expected = holding.find(({ startedAt }) => startedAt <= signal.at);
    const group = expected && enrolled.group(expected.releaseId, signal.deviceId);
    if (group) {
      groups.set(group.shard, group);
      group.signals.push(signal);
      continue;
    }
    const [release] = holding.length > 0 ? holding : releases;
    rejected.push({
      reason: holding.length > 0 ? "tooOld" : "unknownDevice",
      message: holding.length > 0 ? "It happened before the release started." : "The device is not in the release.",
      body,
      ...(release === undefined ? {} : { releaseId: release.releaseId }),
    });
  }
  return [...groups.values()];
}

/** Asks every shard that a candidate's device could be in whether it is there. */
async function enrolment({ store }: LedgerContext, candidates: readonly Candidate[]) {
  const wanted = new Map<string, { group: Group; deviceIds: Set<string>; missing: Set<string> }>();
  const releases = new Map<string, LedgerRelease | undefined>();
  const keyOf = (releaseId: string, deviceId: string) => {
    const release = releases.get(releaseId);
    return release && `${shardOf(release, deviceId)} ${releaseId}`;
  };
  for (const { signal, releases: expected } of candidates) {
    for (const { releaseId } of expected) {
      if (!releases.has(releaseId)) releases.set(releaseId, await store.find(releaseId));
      const release = releases.get(releaseId);
      const key = keyOf(releaseId, signal.deviceId);
      if (release === undefined || key === undefined) continue;
      const known = wanted.get(key);
      if (known) known.deviceIds.add(signal.deviceId);
      else {
        const shard = store.shard(release, shardOf(release, signal.deviceId));
        const group = { release, shard, signals: [], changed: 0 };
        wanted.set(key, { group, deviceIds: new Set([signal.deviceId]), missing: new Set() });
      }
    }
  }
  await inParallel(PARALLEL, [...wanted.values()], async (entry) => {
    entry.missing = await entry.group.shard.missing(entry.deviceIds);
  });
  const find = (releaseId: string, deviceId: string) => wanted.get(keyOf(releaseId, deviceId) ?? "");
  return {
    has: (releaseId: string, deviceId: string) => find(releaseId, deviceId)?.missing.has(deviceId) === false,
    group: (releaseId: string, deviceId: string) => find(releaseId, deviceId)?.group,
  };
}

/** One edit per device: all of its signals of the batch joined into its log. */
function edits(signals: readonly Signal[], release: LedgerRelease): Map<string, Edit> {
  const byDevice = groupBy(signals, (signal) => signal.deviceId);
  return new Map([...byDevice].map(([deviceId, own]) => [deviceId, joinSignals(own, release)]));
}

function joinSignals(signals: readonly Signal[], { joinsBySignal }: LedgerRelease): Edit {
  return (row) => {
    if (row === undefined) return undefined;
    const before = unpackLog(row.log);
    const after = signals.reduce(joinEntry, before as ReturnType<typeof joinEntry>);
    if (after === before) return undefined;
    const offered = joinsBySignal && row.wave === NO_WAVE ? { wave: 0, offeredAt: firstOf(after) } : {};
    return { ...row, ...offered, log: packLog(after) };
  };
}

/** When a device first said anything of the update, ISO 8601. */
function firstOf(log: readonly LogEntry[]): string {
  return new Date(Math.min(...log.map(({ at }) => at))).toISOString();
}

/** Copies the counters of every shard the batch touched, whether it changed now or before a crash. */
async function publish({ snapshots }: LedgerContext, groups: readonly Group[]): Promise<FoldResult["releases"]> {
  const byRelease = groupBy(groups, (group) => group.release.releaseId);
  const results: FoldResult["releases"][number][] = [];
  for (const [releaseId, touched] of byRelease) {
    await snapshots.publish(releaseId, await Promise.all(touched.map(({ shard }) => shard.snapshot())));
    const signals = sum(touched, (group) => group.signals.length);
    const reports = sum(touched, (group) => group.signals.filter(({ kind }) => REPORTS.has(kind)).length);
    results.push({ releaseId, signals, reports, devicesChanged: sum(touched, (group) => group.changed) });
  }
  return results;
}
