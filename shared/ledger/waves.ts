import { AppError } from "../errors.js";
import { columnsOf, diversityOrder } from "../ordering/index.js";
import { joinText, splitText } from "../store/long-text.js";
import { ensure, safeKey, scan, type Table } from "../store/table.js";
import { changeDevices, type LedgerContext } from "./context.js";
import { readDevices } from "./device-row.js";
import type { LedgerRelease } from "./layout.js";
import type { Attributes } from "./roster.js";
import { contribution } from "./row.js";

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

/** How many of the wave's devices have each value of each attribute. */
export type AttributeCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const WAVE_PREFIX = "wave-";
const ATTRIBUTES = "!attributes";

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
  if (!done) {
    const { devices, marked, free } = await candidates(context, release, ring, wave);
    const wanted = choose === "rest" ? free.size : Math.max(0, choose.count - marked.length);
    const inOrder = wanted < free.size ? order(devices, releaseId) : devices;
    const chosen = inOrder.filter(({ deviceId }) => free.has(deviceId)).slice(0, wanted);
    const ids = [...marked, ...chosen].map((candidate) => candidate.deviceId);
    await changeDevices(context, release, ids, () => (row) => {
      if (row === undefined || contribution(row).state !== "notOffered") return undefined;
      return { ...row, wave, offeredAt };
    });
  }
  const { marked } = await candidates(context, release, ring, wave);
  if (!done) await finishWave(context.store.summaries, releaseId, ring, wave, marked);
  return { objectIds: marked.map(({ objectId }) => objectId), count: marked.length, offeredAt };
}

/** Attribute counts of every wave that was offered, for cohorts (gate.md §5). */
export async function attributeCounts(context: LedgerContext, releaseId: string) {
  const waves: { ring: string; wave: number; offered: number; counts: AttributeCounts }[] = [];
  for await (const { values } of scan(context.store.summaries, safeKey(releaseId) + ATTRIBUTES)) {
    const counts: AttributeCounts = JSON.parse(joinText("counts", values) ?? "{}");
    waves.push({ ring: String(values.ring), wave: Number(values.wave), offered: Number(values.offered), counts });
  }
  return waves;
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

async function finishWave(table: Table, releaseId: string, ring: string, wave: number, devices: WaveCandidate[]) {
  const rowKey = waveKey(ring, wave);
  const offered = devices.length;
  const counts = splitText("counts", JSON.stringify(countAttributes(devices)));
  const partition = safeKey(releaseId);
  await table.commit(partition + ATTRIBUTES, [{ kind: "upsert", rowKey, values: { ring, wave, offered, ...counts } }]);
  await table.commit(partition, [{ kind: "merge", rowKey, values: { done: true, offered } }]);
}

function countAttributes(devices: readonly WaveCandidate[]): AttributeCounts {
  const counts: Record<string, Record<string, number>> = {};
  for (const { attributes } of devices) {
    for (const [name, value] of Object.entries(attributes)) {
      const values = counts[name] ?? {};
      values[value] = (values[value] ?? 0) + 1;
      counts[name] = values;
    }
  }
  return counts;
}

/** The ring's devices, those of them that are in the wave, and the ids of those that it may still take. */
async function candidates({ store }: LedgerContext, release: LedgerRelease, ring: string, wave: number) {
  const devices: WaveCandidate[] = [];
  const marked: WaveCandidate[] = [];
  const free = new Set<string>();
  for await (const device of readDevices(store.devices, release)) {
    if (device.ring !== ring) continue;
    devices.push(device);
    if (device.wave === wave) marked.push(device);
    else if (device.state === "notOffered") free.add(device.deviceId);
  }
  return { devices, marked, free };
}
