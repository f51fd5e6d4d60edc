import type { DirectoryDevice } from "../graph/directory-groups.js";
import type { ManagedDevice } from "../graph/inventory.js";
import type { StoredGroup } from "../groups/store.js";
import { type AgentReport, readinessOf, withReadiness } from "../readiness/judge.js";
import { type DeviceRecord, DeviceState, DeviceStatus, type ManagedFacts, RingAssignedBy } from "./device.js";
import { countSerials } from "./identity.js";
import { failedPrerequisite, PrerequisiteCheck, type Reason, type Surroundings } from "./prerequisites.js";
import { isFilledByHand, ringsOf } from "./rings.js";

/** The group that gives way to every other one (autopatch.md §2.5, row 17). */
export const DEFAULT_GROUP_ID = "default";

/** A place where the directory has a device: a ring's assigned group, or the pool (null) of an Autopatch group. */
export type Place = DeviceRecord["found"][number];

/** What the directory and Intune say, as one look at them gave it. */
export interface Sighting {
  /** Every device found, by deviceId, with its places. */
  readonly devices: ReadonlyMap<string, { readonly device: DirectoryDevice; readonly places: readonly Place[] }>;
  /** Places that were not looked at now: what the register says of them stands. */
  readonly unseen: (place: Place) => boolean;
  /** Intune's Windows devices by deviceId. */
  readonly managed: ReadonlyMap<string, ManagedDevice>;
  /** Cloud PCs of Windows 365 Business. */
  readonly businessCloudPcs: ReadonlySet<string>;
  readonly groups: readonly StoredGroup[];
  /** Reports of agents that came before their device did, by deviceId. */
  readonly reports: ReadonlyMap<string, AgentReport>;
  /** Domain time, ms. */
  readonly now: number;
}

/**
 * What the register shall say after a look: devices found are checked, judged and put into rings, those that left their
 * source groups are gone (autopatch.md §3.1, §3.7, §2.2). Excluded devices stay excluded, wherever they are (row 34).
 * @param register the register as it is
 * @returns the records by deviceId; undefined for a device that is registered no more
 */
export function survey(sighting: Sighting, register: readonly DeviceRecord[]): Map<string, DeviceRecord | undefined> {
  const before = new Map(register.map((record) => [record.deviceId, record]));
  const after = new Map<string, DeviceRecord | undefined>();
  const surroundings = { now: sighting.now, serials: countSerials(sighting.managed.values()) };
  for (const deviceId of new Set([...sighting.devices.keys(), ...before.keys()])) {
    const record = look(sighting, deviceId, before.get(deviceId));
    const gone = record === undefined || (record.found.length === 0 && record.state !== DeviceState.excluded);
    after.set(deviceId, gone ? undefined : judged(checked(record, sighting, surroundings), sighting));
  }
  placeInRings(sighting.groups, after);
  return after;
}

/** The record with what was seen of the device now; undefined when nobody knows it. */
function look(
  { devices, unseen, managed, now }: Sighting,
  deviceId: string,
  before: DeviceRecord | undefined,
): DeviceRecord | undefined {
  const seen = devices.get(deviceId);
  const kept = (before?.found ?? []).filter(unseen);
  const found = ordered([...kept, ...(seen?.places ?? [])]);
  const facts = managed.get(deviceId);
  const known = before ?? (seen && newRecord(seen.device, now));
  if (known === undefined) return undefined;
  return {
    ...known,
    ...(seen === undefined ? {} : directoryFacts(seen.device)),
    managed: facts === undefined ? null : managedFacts(facts),
    found,
  };
}

function newRecord(device: DirectoryDevice, now: number): DeviceRecord {
  return {
    deviceId: device.deviceId,
    ...directoryFacts(device),
    managed: null,
    found: [],
    ...NOWHERE,
    status: DeviceStatus.notRegistered,
    state: DeviceState.prerequisitesFailed,
    reason: null,
    readiness: null,
    registeredAt: null,
    discoveredAt: new Date(now).toISOString(),
  };
}

/** Of a device that is in no ring. */
export const NOWHERE = { groupId: null, ring: null, ringAssignedBy: RingAssignedBy.service } as const;

function directoryFacts(device: DirectoryDevice): Pick<DeviceRecord, "objectId" | "name" | "entra"> {
  const { objectId, name, operatingSystem, accountEnabled, isManaged, registeredAt, lastSignInAt } = device;
  return { objectId, name, entra: { operatingSystem, accountEnabled, isManaged, registeredAt, lastSignInAt } };
}

/** What the register keeps of Intune's record. */
function managedFacts(device: ManagedDevice): ManagedFacts {
  return {
    managedDeviceId: device.managedDeviceId,
    osVersion: device.osVersion,
    manufacturer: device.manufacturer,
    model: device.model,
    serialNumber: device.serialNumber,
    skuFamily: device.skuFamily,
    joinType: device.joinType,
    ownerType: device.ownerType,
    managementAgent: device.managementAgent,
    coManagement: device.coManagement,
    processorArchitecture: device.processorArchitecture,
    lastSyncAt: device.lastSyncAt,
  };
}

/** The record after the prerequisite checks, its ring not calculated yet. */
function checked(record: DeviceRecord, sighting: Sighting, surroundings: Surroundings): DeviceRecord {
  const { groups, businessCloudPcs, now } = sighting;
  if (record.state === DeviceState.excluded) return record;
  const claims = claimants(record.found);
  const microsoft365Apps = groups.some(
    ({ id, definition }) => claims.includes(id) && definition.updateTypes.microsoft365Apps,
  );
  const isBusinessCloudPc = businessCloudPcs.has(record.deviceId);
  const { entra, managed } = record;
  const candidate = { entra, managed, groups: claims, microsoft365Apps, isBusinessCloudPc };
  const failed = failedPrerequisite(candidate, surroundings);
  if (failed === undefined) return registered(record, claims[0] ?? null, now);
  if (failed.check === PrerequisiteCheck.overlap) return inConflict(record, claims, failed);
  // A device that is merely silent finds its ring's policies when it comes back.
  const silent = failed.check === PrerequisiteCheck.checkIn && claims.includes(record.groupId ?? "");
  return refused(record, DeviceState.prerequisitesFailed, failed, silent);
}

/** The Autopatch groups that claim a device; the default one only when no other does (autopatch.md §2.5). */
function claimants(found: readonly Place[]): string[] {
  const groups = [...new Set(found.map(({ groupId }) => groupId))];
  const custom = groups.filter((id) => id !== DEFAULT_GROUP_ID);
  return custom.length > 0 ? custom : groups;
}

function registered(record: DeviceRecord, groupId: string | null, now: number): DeviceRecord {
  const moved = record.groupId !== groupId;
  const anew = record.status !== DeviceStatus.registered || moved;
  return {
    ...record,
    ...(moved ? { ...NOWHERE, groupId, leaving: [] } : {}),
    status: DeviceStatus.registered,
    state: DeviceState.ready,
    reason: null,
    registeredAt: anew ? new Date(now).toISOString() : record.registeredAt,
  };
}

/** The record with its readiness, from what Intune knows now and what its agent found last (row 38). */
function judged(record: DeviceRecord, { reports, now }: Sighting): DeviceRecord {
  return withReadiness(record, readinessOf(record, reports.get(record.deviceId) ?? null, now));
}

/** An overlap stops a new device; one that was registered keeps its ring, Not ready until an admin decides (row 18). */
function inConflict(record: DeviceRecord, claims: readonly string[], reason: Reason): DeviceRecord {
  const stays = record.status === DeviceStatus.registered && claims.includes(record.groupId ?? "");
  if (!stays) return refused(record, DeviceState.conflict, reason, false);
  return { ...record, state: DeviceState.notReady, reason };
}

function refused(record: DeviceRecord, state: DeviceState, reason: Reason, keepsRing: boolean): DeviceRecord {
  const place = keepsRing ? {} : { ...NOWHERE, leaving: [] };
  return { ...record, ...place, status: DeviceStatus.notRegistered, state, reason };
}

/** Calculates the ring of every device that has a group. */
function placeInRings(groups: readonly StoredGroup[], records: Map<string, DeviceRecord | undefined>): void {
  for (const { id, definition } of groups) {
    const own = [...records.values()].filter((record) => record?.groupId === id).flatMap((record) => record ?? []);
    for (const [deviceId, ring] of ringsOf(id, definition, own)) {
      const record = records.get(deviceId);
      if (record !== undefined && record.ring !== ring) records.set(deviceId, movedTo(record, ring));
    }
  }
}

/** The record in another ring. Memberships of rings that are filled by hand are given up only when it says so. */
export function movedTo(record: DeviceRecord, ring: string): DeviceRecord {
  const left = record.ring === null || !isFilledByHand(record.ring) ? [] : [record.ring];
  const leaving = [...new Set([...(record.leaving ?? []), ...left])].filter((name) => name !== ring);
  return { ...record, ring, ringAssignedBy: RingAssignedBy.service, leaving };
}

function ordered(places: readonly Place[]): readonly Place[] {
  if (places.length < 2) return places;
  const byKey = new Map(places.map((place) => [`${place.groupId}\n${place.ring ?? ""}`, place]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
}
