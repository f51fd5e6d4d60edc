import { AppError } from "../errors.js";
import { columnsOf, diversityOrder } from "../ordering/index.js";
import { ensure, safeKey, type Table } from "../store/table.js";
import { changeDevices, type LedgerContext } from "./context.js";
import type { LedgerRelease } from "./layout.js";
import { type Attributes, type Roster, readRoster } from "./roster.js";
import { contribution, NO_WAVE } from "./row.js";

/** A device that a wave may take. */
export interface WaveCandidate {
  readonly deviceId: string;
  readonly objectId: string;
  readonly attributes: Attributes;
}

/**
 * Puts all devices of a ring, offered or not, in the order in which they are offered the update; deterministic, so that
 * a later wave goes on where the one before it stopped.
 */
export type WaveOrder = (devices: readonly WaveCandidate[], releaseId: string) => readonly WaveCandidate[];

export interface WaveOffer {
  readonly objectIds: readonly string[];
  readonly count: number;
  /** ISO 8601: of the first call for this wave. */
  readonly offeredAt: string;
}

export const WAVE_PREFIX = "wave-";

/** Diversity first, differently in every release, so that the same devices are not always first (gate.md §7). */
export const diversityFirst: WaveOrder = (devices, releaseId) => {
  const columns = columnsOf(devices.map(({ deviceId, attributes }) => ({ id: deviceId, attributes })));
  return Array.from(diversityOrder(columns, releaseId), (place) => devices[place]).filter(
    (device) => device !== undefined,
  );
};

/**
 * Marks the next devices of a ring as offered. The same (ring, wave) again gives the same devices, also after a crash
 * half-way: what was marked stays marked, the rest is chosen in the same order.
 * @param choose how many devices, or all that are left
 * @param at ISO 8601, domain time
 */
export async function offerWave(
  context: LedgerContext,
  releaseId: string,
  ring: string,
  wave: number,
  choose: { readonly count: number } | "rest",
  at: string,
  order: WaveOrder = diversityFirst,
): Promise<WaveOffer> {
  const release = await context.store.release(releaseId);
  const { offeredAt, done } = await beginWave(context.store.summaries, releaseId, ring, wave, at);
  // Devices join the wave as they say that they were offered the update.
  if (release.joinsBySignal) return { objectIds: [], count: 0, offeredAt };
  const roster = await wholeRoster(context.store.devices, release);
  let devices = await ringDevices(context, release, ring);
  const inWave = (device: RingDevice) => device.wave === wave;
  if (!done) {
    const marked = devices.filter(inWave);
    const free = devices.filter(({ isFree }) => isFree);
    const wanted = choose === "rest" ? free.length : Math.max(0, choose.count - marked.length);
    const chosen = wanted < free.length ? firstOf(devices, wanted, roster, (all) => order(all, releaseId)) : free;
    const ids = [...marked, ...chosen].map(({ deviceId }) => deviceId);
    await changeDevices(context, release, ids, () => (row) => {
      if (row === undefined || contribution(row).state !== "notOffered") return undefined;
      return { ...row, wave, offeredAt };
    });
    devices = await ringDevices(context, release, ring);
  }
  const offered = devices.filter(inWave);
  if (!done) await finishWave(context.store.summaries, releaseId, ring, wave, offered.length);
  const objectIds = offered.map(({ deviceId }) => roster.get(deviceId)?.objectId ?? "");
  return { objectIds, count: offered.length, offeredAt };
}

const waveKey = (ring: string, wave: number): string =>
  `${WAVE_PREFIX}${safeKey(ring)}|${String(wave).padStart(4, "0")}`;

/** The first call fixes the instant of the offer. */
async function beginWave(table: Table, releaseId: string, ring: string, wave: number, at: string) {
  if (!Number.isInteger(wave) || wave < 0) {
    throw new AppError("invalid_input", `Wave ${wave} is not a whole number from 0.`, { field: "wave" });
  }
  const partition = safeKey(releaseId);
  const rowKey = waveKey(ring, wave);
  const { values } = await ensure(table, partition, rowKey, {
    ring,
    wave,
    offeredAt: new Date(at).toISOString(),
    done: false,
  });
  return { offeredAt: String(values.offeredAt), done: values.done === true };
}

async function finishWave(table: Table, releaseId: string, ring: string, wave: number, offered: number) {
  const values = { done: true, offered };
  await table.commit(safeKey(releaseId), [{ kind: "merge", rowKey: waveKey(ring, wave), values }]);
}

interface RingDevice {
  readonly deviceId: string;
  readonly wave: number;
  /** A wave may take it. */
  readonly isFree: boolean;
}

/** The ring's devices in the order of shard and id, as they are stored now. */
async function ringDevices({ store }: LedgerContext, release: LedgerRelease, ring: string): Promise<RingDevice[]> {
  const found: RingDevice[] = [];
  for (let shard = 0; shard < release.shards; shard++) {
    const rows = (await store.shard(release, shard).rows()).filter(([, row]) => row.ring === ring);
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [deviceId, row] of rows) {
      const isFree = row.wave === NO_WAVE && contribution(row).state === "notOffered";
      found.push({ deviceId, wave: row.wave, isFree });
    }
  }
  return found;
}

async function wholeRoster(table: Table, release: LedgerRelease): Promise<Roster> {
  const shards = Array.from({ length: release.shards }, (_, shard) => shard);
  const rosters: Roster[] = [];
  for (const shard of shards) rosters.push(await readRoster(table, release, shard));
  return new Map(rosters.flatMap((roster) => [...roster]));
}

/** The first free ones in the order of all. */
function firstOf(
  devices: readonly RingDevice[],
  wanted: number,
  roster: Roster,
  order: (devices: readonly WaveCandidate[]) => readonly WaveCandidate[],
): readonly { readonly deviceId: string }[] {
  const candidates = devices.map(({ deviceId }): WaveCandidate => {
    const { objectId = "", attributes = {} } = roster.get(deviceId) ?? {};
    return { deviceId, objectId, attributes };
  });
  const free = new Set(devices.filter(({ isFree }) => isFree).map(({ deviceId }) => deviceId));
  return order(candidates)
    .filter(({ deviceId }) => free.has(deviceId))
    .slice(0, wanted);
}
