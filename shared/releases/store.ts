import { z } from "zod";
import type { CohortEvidence } from "../cohorts/evidence.js";
import { AppError } from "../errors.js";
import type { GateEvidence } from "../gate/evidence.js";
import type { GateHistory } from "../gate/history.js";
import type { OffersDecision } from "../gate/offers.js";
import type { ApprovalStatus, ReleasePolicyRef, RingTarget } from "../graph/offering/types.js";
import type { GateSettings, MonitoringRule } from "../groups/group.js";
import type { RingSettings } from "../groups/ring.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { isQuality, type Update, workloadOf } from "../updates/update.js";
import type { ReleaseExpedite } from "./expedite.js";
import type { CohortHold } from "./holds.js";
import type { LikelyIssues } from "./likely-issues.js";
import type { Grant } from "./offers.js";
import type { ReleaseState } from "./release-state.js";
import type { RingState } from "./ring-state.js";
import type { HeardSilence, MeasuredCheckIns } from "./silence.js";

/** A release of one update in one Autopatch group. Written only by its orchestration; instants in ms. */
export interface Release {
  readonly id: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly update: Update;
  /** True instant of publication. */
  readonly publishedAt: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Settings of the health gate, those of the group when the release started. */
  readonly gate: GateSettings;
  /** What finished releases have taught about updates of this kind (gate.md §2). */
  readonly history: GateHistory;
  readonly monitoringRule: MonitoringRule | null;
  /** A rule that only alerts has done so. */
  readonly ruleAlerted: boolean;
  /** Releases of the same group that were running when this one started. */
  readonly predecessors: readonly string[];
  /** Everything that has to be there before the first ring opens, is. */
  readonly prepared: boolean;
  readonly state: ReleaseState;
  /** When the gate or the monitoring rule paused it, last. */
  readonly pausedAt: number | null;
  readonly pauseReason: string | null;
  readonly evidence: GateEvidence | null;
  /** What the silence of devices said at the latest look (gate.md §4); null before any began to install. */
  readonly silence: HeardSilence | null;
  /** How long devices stay away that were not offered the update, when that was last asked. */
  readonly checkIns: MeasuredCheckIns | null;
  /** What the controller said at the latest look: of rings that wait for offers. */
  readonly control: OffersDecision | null;
  /** Waves that rings have been granted, oldest first. */
  readonly grants: readonly Grant[];
  /** Cohorts that were held or, where the gate advises, would be; oldest first. */
  readonly holds: readonly CohortHold[];
  /** What the latest examination of cohorts suggests beyond them, for people. */
  readonly advice: readonly CohortEvidence[];
  /** Devices held because they are like those that failed (gate.md §6); absent until a ring was looked at. */
  readonly likelyIssues?: LikelyIssues;
  /** Failures that the gate counted when the cohorts were examined last. */
  readonly examinedFailures: number;
  /** When time alone next makes a ring wait for offers, ms. */
  readonly nextWaitingAt: number | null;
  /** How it is or was expedited last; absent: never. */
  readonly expedite?: ReleaseExpedite;
  /** Keys of the commands that were applied. */
  readonly handled: readonly string[];
  readonly approvalsAsked: number;
  /** People were asked about tenant pauses that end until then (ms); absent: about none. */
  readonly askedUntil?: number;
  /** What keeps the release from going on, for people. */
  readonly problem: string | null;
  /** What the rings that completed were told last: a pause of the service reaches them too. */
  readonly completedRings: ApprovalStatus;
  /** It has ended, and everything that its end entails is done. */
  readonly closed: boolean;
  /** Grows with every version that its orchestration writes. */
  readonly revision: number;
}

/** A deployment ring in a release. Written only by the ring's orchestration. */
export interface ReleaseRing {
  readonly releaseId: string;
  readonly ring: string;
  readonly target: RingTarget;
  readonly settings: RingSettings;
  readonly state: RingState;
  /** The policy that offers the release to the ring. */
  readonly policy: ReleasePolicyRef | null;
  /** Entra groups of the waves opened so far. */
  readonly waveGroups: readonly string[];
  readonly openedAt: number | null;
  readonly endedAt: number | null;
  /** Keys of the events that were applied. */
  readonly seen: readonly string[];
  /** Grows with every version that its orchestration writes. */
  readonly revision: number;
}

const RELEASE_PARTITION = "release";
const RING_PREFIX = "ring ";

const releaseSchema = z.custom<Release>((value) => isRecord(value) && typeof value.id === "string" && "state" in value);
const ringSchema = z.custom<ReleaseRing>(
  (value) => isRecord(value) && typeof value.ring === "string" && "state" in value,
);

/** The release. Throws `not_found`. */
export async function readRelease(releaseId: string): Promise<Release> {
  const found = await findRelease(releaseId);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no release ${releaseId}. GET /api/v1/releases lists them.`, {
    field: "releaseId",
  });
}

export async function findRelease(releaseId: string): Promise<Release | undefined> {
  return (await (await releases()).get(RELEASE_PARTITION, releaseId))?.body;
}

/** Writes what the release's orchestration decided; an activity that runs again, too late, changes nothing. */
export async function saveRelease(release: Release): Promise<void> {
  await putNewer(await releases(), RELEASE_PARTITION, release.id, release);
}

/** Writes a new release; one that is there already stays as it is. Returns what is stored. */
export async function insertRelease(release: Release): Promise<Release> {
  try {
    await (await releases()).insert(RELEASE_PARTITION, release.id, release);
    return release;
  } catch (error) {
    if (error instanceof AppError && error.code === "conflict") return readRelease(release.id);
    throw error;
  }
}

/** All releases in the order of their ids, which begin with the release date. */
export async function listReleases(): Promise<Release[]> {
  const found: Release[] = [];
  for await (const { body } of (await releases()).all(RELEASE_PARTITION)) found.push(body);
  return found;
}

/** A release of a quality update. */
export interface QualityRelease extends Release {
  readonly update: QualityUpdate;
}

/** All releases of quality updates, in the order of their ids. */
export async function listQualityReleases(): Promise<QualityRelease[]> {
  return (await listReleases()).filter(isQualityRelease);
}

export function isQualityRelease(release: Release): release is QualityRelease {
  return isQuality(release.update);
}

/** Whether two releases are of one workload in one group: only these replace each other. */
export function isSameLine(a: Pick<Release, "groupId" | "update">, b: Pick<Release, "groupId" | "update">): boolean {
  return a.groupId === b.groupId && workloadOf(a.update) === workloadOf(b.update);
}

/** A ring of a release. Throws `not_found`. */
export async function readRing(releaseId: string, ring: string): Promise<ReleaseRing> {
  const found = (await (await rings()).get(releaseId, ringId(ring)))?.body;
  if (found !== undefined) return found;
  throw new AppError("not_found", `Release ${releaseId} has no ring ${ring}.`, { field: "ring" });
}

/** Writes what the ring's orchestration decided; an activity that runs again, too late, changes nothing. */
export async function saveRing(ring: ReleaseRing): Promise<void> {
  await putNewer(await rings(), ring.releaseId, ringId(ring.ring), ring);
}

/** Changes a ring whose orchestration does not run. Throws `unavailable` when it was written meanwhile. */
export async function changeRing(releaseId: string, ring: string, patch: Partial<ReleaseRing>): Promise<void> {
  const store = await rings();
  const found = await store.get(releaseId, ringId(ring));
  if (found !== undefined) await putOver(store, found, { ...found.body, ...patch });
}

/** Writes the rings of a new release; those that are there already stay as they are. */
export async function insertRings(newRings: readonly ReleaseRing[]): Promise<void> {
  for (const ring of newRings) {
    try {
      await (await rings()).insert(ring.releaseId, ringId(ring.ring), ring);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
    }
  }
}

/** The rings of a release in ring order. */
export async function listRings(releaseId: string): Promise<ReleaseRing[]> {
  const found: ReleaseRing[] = [];
  for await (const { body } of (await rings()).all(releaseId, { prefix: RING_PREFIX })) found.push(body);
  return found.sort((a, b) => a.state.plan.index - b.state.plan.index);
}

interface Revised {
  readonly revision: number;
}

/** Over an older revision only. */
async function putNewer<T extends Revised>(store: Documents<T>, partition: string, id: string, body: T): Promise<void> {
  const found = await store.get(partition, id);
  if (found === undefined) await store.put(partition, id, body);
  else if (found.body.revision < body.revision) await putOver(store, found, body);
}

async function putOver<T>(store: Documents<T>, { partition, id, etag }: Document<T>, body: T): Promise<void> {
  try {
    await store.put(partition, id, body, etag);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    throw new AppError("unavailable", `${partition}/${id} was written meanwhile. It is tried again.`, { cause: error });
  }
}

function ringId(ring: string): string {
  return `${RING_PREFIX}${ring}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

async function releases(): Promise<Documents<Release>> {
  return documents(await table("Releases"), releaseSchema);
}

async function rings(): Promise<Documents<ReleaseRing>> {
  return documents(await table("ReleaseRings"), ringSchema);
}
