import { groupBy } from "../ledger/collections.js";
import type { DeviceRecord } from "../registration/device.js";
import { listDevices } from "../registration/store.js";
import type { RingRef } from "./phases.js";

/** The devices that are registered in a ring. */
export type DevicesOf = (ring: RingRef) => readonly DeviceRecord[];

/** The devices of every ring as they are registered now. */
export async function devicesByRing(): Promise<DevicesOf> {
  return ringDevices(await listDevices());
}

/** The rings of these devices. */
export function ringDevices(records: readonly DeviceRecord[]): DevicesOf {
  const keyOf = (groupId: string | null, name: string | null) => JSON.stringify([groupId, name]);
  const devices = groupBy(records, ({ groupId, ring }) => keyOf(groupId, ring));
  return ({ groupId, ring }) => devices.get(keyOf(groupId, ring)) ?? [];
}
