import { DAY_MS, iso } from "../calendar/days.js";
import { readVbsStates, VBS_RUNNING } from "../graph/device-guard.js";
import type { Graph } from "../graph/graph.js";
import type { DeviceRecord } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import { type Operation, safeKey, scan, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { parseBuild } from "../updates/build.js";
import { FIRST_HOTPATCH_BUILD } from "./eligibility.js";

/** What Intune last said of a device's virtualization-based security, and when that was read (ISO 8601). */
export interface VbsState {
  readonly state: string | null;
  readonly readAt: string;
}

const PARTITION = "vbs";
/** Stands for null in a row. */
const NOT_SAID = "";
/**
 * Each device is a call of its own, twenty to a batch: so many take some minutes, and stay below the 1,000 in 20 s that
 * Intune takes from an app (graph.md §3.4).
 */
const MOST_AT_ONCE = 4000;
/** So much is kept when the rest cannot be read. */
const PART = 100;
/** Where it runs it goes on running: once a week is enough. Elsewhere somebody may be about to turn it on. */
const RUNNING_DAYS = 7;

/**
 * The daily look at virtualization-based security, of the devices whose Windows takes hotpatches: those that were read
 * longest ago, at most 4,000. Forgets devices that have left the register. May run again.
 * @param now ms
 * @returns how many devices were read
 */
export async function lookAtVbs(graph: Graph, now: number): Promise<number> {
  const [devices, known] = await Promise.all([listDevices(), vbsStates()]);
  await forget(known, new Set(devices.map(({ deviceId }) => deviceId)));
  const due = dueFor(devices, known, now).slice(0, MOST_AT_ONCE);
  let read = 0;
  for (let from = 0; from < due.length; from += PART) {
    const part = due.slice(from, from + PART);
    const states = await readVbsStates(
      graph,
      part.map(({ managedDeviceId }) => managedDeviceId),
    );
    const found = part.flatMap(({ deviceId, managedDeviceId }) => {
      const state = states.get(managedDeviceId);
      return state === undefined ? [] : [{ deviceId, state }];
    });
    await keep(found, iso(now));
    read += found.length;
  }
  return read;
}

/** What is known, by Entra deviceId; devices that were never read are not in it. */
export async function vbsStates(): Promise<ReadonlyMap<string, VbsState>> {
  const known = new Map<string, VbsState>();
  for await (const { values } of scan(await table("Hotpatch"), PARTITION)) {
    known.set(String(values.deviceId), stateIn(values));
  }
  return known;
}

/** What is known of one device. */
export async function vbsState(deviceId: string): Promise<VbsState | undefined> {
  const row = await (await table("Hotpatch")).get(PARTITION, safeKey(deviceId));
  return row && stateIn(row.values);
}

interface Due {
  readonly deviceId: string;
  readonly managedDeviceId: string;
}

/** Devices to be read now, the longest unread ones first. */
function dueFor(devices: readonly DeviceRecord[], known: ReadonlyMap<string, VbsState>, now: number): Due[] {
  const readAt = (deviceId: string) => Date.parse(known.get(deviceId)?.readAt ?? iso(0));
  const days = (deviceId: string) => (known.get(deviceId)?.state === VBS_RUNNING ? RUNNING_DAYS : 1);
  // A look is never quite a day after the one before.
  const isDue = (deviceId: string) => now - readAt(deviceId) >= (days(deviceId) - 0.5) * DAY_MS;
  return devices
    .flatMap(({ deviceId, managed }) => {
      const major = parseBuild(managed?.osVersion ?? "")?.major ?? 0;
      if (managed === null || major < FIRST_HOTPATCH_BUILD || !isDue(deviceId)) return [];
      return [{ deviceId, managedDeviceId: managed.managedDeviceId }];
    })
    .sort((a, b) => readAt(a.deviceId) - readAt(b.deviceId) || (a.deviceId < b.deviceId ? -1 : 1));
}

async function keep(found: readonly { deviceId: string; state: string | null }[], readAt: string): Promise<void> {
  await commit(
    found.map(({ deviceId, state }) => {
      return { kind: "upsert", rowKey: safeKey(deviceId), values: { deviceId, readAt, state: state ?? NOT_SAID } };
    }),
  );
}

async function forget(known: ReadonlyMap<string, VbsState>, devices: ReadonlySet<string>): Promise<void> {
  const gone = [...known.keys()].filter((deviceId) => !devices.has(deviceId));
  await commit(gone.map((deviceId) => ({ kind: "delete", rowKey: safeKey(deviceId) })));
}

async function commit(operations: readonly Operation[]): Promise<void> {
  const rows = await table("Hotpatch");
  for (const part of transactions(operations)) await rows.commit(PARTITION, part);
}

function stateIn({ state, readAt }: Readonly<Record<string, unknown>>): VbsState {
  return { state: state === NOT_SAID ? null : String(state), readAt: String(readAt) };
}
