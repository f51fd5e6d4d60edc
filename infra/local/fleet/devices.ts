import type { DeviceAttributes, Holiday, InstalledBuild, ModelParameters } from "../../../shared/model/index.js";
import { type CheckInPattern, checkInPattern, deviceSynthesiser, lastOn } from "../../../shared/model/index.js";
import { hash32 } from "../../../shared/random.js";
import type { DeviceRecord } from "../tenant/types.js";
import { type HardwareFacts, hardwareFacts } from "./hardware.js";

const HOUR = 3_600_000;

/** One device of the fleet: what never changes about it. */
export interface SimulatedDevice {
  readonly index: number;
  readonly deviceId: string;
  readonly objectId: string;
  readonly attributes: DeviceAttributes;
  /** What decides whether it can run Windows 11; nothing that an update fails on, so no cohort. */
  readonly hardware: HardwareFacts;
  readonly pattern: CheckInPattern;
  /** As it was when the fleet began. */
  readonly record: DeviceRecord;
}

export interface DevicesOptions {
  readonly seed: number;
  readonly size: number;
  readonly model: ModelParameters;
  readonly builds: readonly InstalledBuild[];
  /** When the fleet begins, ms. */
  readonly startedAt: number;
  readonly holiday?: Holiday;
  /** How often Intune hears from a device when nothing happens, hours; 0 never. */
  readonly syncHours: number;
}

/** Devices synchronise with Intune in so many turns, each at its own, so that Intune never hears from all at once. */
export const SYNC_TURNS = 8;

/** The turn of a device, from 0. */
export function syncTurn(seed: number, index: number): number {
  return hash32(seed, index, "inventory sync") % SYNC_TURNS;
}

/** The devices of a fleet. The same seed gives the same devices, and a larger fleet begins with the smaller one. */
export function createDevices(options: DevicesOptions): SimulatedDevice[] {
  const { seed, size, model, builds, startedAt, holiday, syncHours } = options;
  const synthesise = deviceSynthesiser(seed, builds);
  return Array.from({ length: size }, (_, index) => {
    const { attributes, installed, utcOffsetHours } = synthesise(index);
    const pattern = checkInPattern(model, seed, index, utcOffsetHours, holiday);
    const hardware = hardwareFacts(seed, index, installed.product, attributes.memory);
    const deviceId = guid(seed, index, "device");
    const objectId = guid(seed, index, "object");
    const name = `PC-${String(index + 1).padStart(6, "0")}`;
    const sinceTurn = syncHours === 0 ? 0 : 1 - syncTurn(seed, index) / SYNC_TURNS;
    const syncedAt = lastOn(pattern, startedAt - sinceTurn * syncHours * HOUR);
    const record: DeviceRecord = {
      deviceId,
      objectId,
      managedDeviceId: guid(seed, index, "managed device"),
      name,
      osVersion: installed.build,
      product: installed.product,
      version: installed.version,
      model: attributes.model,
      manufacturer: attributes.manufacturer,
      serialNumber: `SN${hash32(seed, index, "serial").toString(36).toUpperCase().padStart(7, "0")}${index}`,
      joinType: hash32(seed, index, "join") % 5 === 0 ? "hybridAzureADJoined" : "azureADJoined",
      ownerType: "company",
      skuFamily: "Enterprise",
      lastSyncDateTime: new Date(syncedAt).toISOString(),
      attributes: { ...attributes, ...hardware },
      ...(hash32(seed, index, "vbs") % 10 === 0 ? { virtualizationBasedSecurity: "notConfigured" } : {}),
    };
    return { index, deviceId, objectId, attributes, hardware, pattern, record };
  });
}

/** A GUID of version 4 in shape. */
function guid(seed: number, index: number, purpose: string): string {
  const hex = [0, 1, 2, 3].map((part) => hash32(seed, index, purpose, part).toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
