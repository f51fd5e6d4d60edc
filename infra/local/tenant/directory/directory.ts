import type { Store } from "../state/store.js";
import type { DevicePatch, DeviceRecord, UserRecord } from "../types.js";
import { ChangeLog } from "./change-log.js";

export interface GroupRow {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly mailNickname: string;
  readonly groupTypes: readonly string[];
  readonly membershipRule: string | null;
  readonly uniqueName: string | null;
  /** Domain time, ms. */
  readonly createdAt: number;
}

export type DeviceRow = DeviceRecord & {
  /** The object id again: rows are kept by it. */
  readonly id: string;
  /** Domain time, ms. */
  readonly registeredAt: number;
};

export type UserRow = UserRecord & { readonly id: string };

/** What stands for an application in the directory. */
export interface ServicePrincipalRow {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
}

export interface MembershipChange {
  readonly groupId: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Entra's groups, devices, users and memberships. Rules of the API live in the routes; this keeps the facts. */
export class Directory {
  readonly groups;
  readonly devices;
  readonly users;
  readonly servicePrincipals;
  readonly log: ChangeLog;
  readonly #members;
  readonly #owners;
  readonly #byDeviceId = new Map<string, string>();
  readonly #byManagedId = new Map<string, string>();
  readonly #listeners: ((change: MembershipChange) => void)[] = [];

  constructor(
    private readonly store: Store,
    private readonly now: () => number,
  ) {
    this.groups = store.table<GroupRow>("groups");
    this.devices = store.table<DeviceRow>("devices");
    this.users = store.table<UserRow>("users");
    this.servicePrincipals = store.table<ServicePrincipalRow>("servicePrincipals");
    this.#members = store.relation("members");
    this.#owners = store.relation("owners");
    this.log = new ChangeLog(now, store.nextNumber());
    for (const device of this.devices.all()) this.#index(device);
  }

  /** Calls `listener` after every change of members. */
  onMembership(listener: (change: MembershipChange) => void): void {
    this.#listeners.push(listener);
  }

  addDevices(records: readonly DeviceRecord[]): void {
    this.store.atomically(() => {
      for (const record of records) {
        const row = { ...record, id: record.objectId, registeredAt: this.now() };
        this.devices.set(row);
        this.#index(row);
        this.log.device(row.id);
      }
    });
  }

  patchDevice(deviceId: string, patch: DevicePatch): DeviceRow {
    const row = this.byDeviceId(deviceId);
    if (row === undefined) throw new Error(`The tenant has no device ${deviceId}: add it before it reports.`);
    const patched = { ...row, ...patch };
    this.#byManagedId.delete(row.managedDeviceId.toLowerCase());
    this.devices.set(patched);
    this.#index(patched);
    this.log.device(row.id);
    return patched;
  }

  removeDevice(row: DeviceRow): void {
    this.#leaveAll(row.id);
    this.devices.delete(row.id);
    this.#byDeviceId.delete(row.deviceId);
    this.#byManagedId.delete(row.managedDeviceId);
    this.log.device(row.id, true);
  }

  byDeviceId(deviceId: string): DeviceRow | undefined {
    return this.devices.get(this.#byDeviceId.get(deviceId.toLowerCase()) ?? "");
  }

  /** The device that Intune manages under this id. */
  byManagedId(id: string): DeviceRow | undefined {
    const row = this.devices.get(this.#byManagedId.get(id.toLowerCase()) ?? "");
    return row?.managed === false ? undefined : row;
  }

  removeUser(id: string): void {
    this.#leaveAll(id);
    for (const [groupId, owners] of [...this.#owners.entries()]) if (owners.has(id)) this.removeOwner(groupId, id);
    this.users.delete(id);
  }

  setGroup(row: GroupRow): void {
    this.groups.set(row);
    this.log.group(row.id);
  }

  removeGroup(row: GroupRow): void {
    this.removeMembers(row.id, [...this.membersOf(row.id)]);
    this.#leaveAll(row.id);
    this.#owners.remove(row.id, [...this.ownersOf(row.id)]);
    this.groups.delete(row.id);
    this.log.group(row.id, true);
  }

  /** Every group with its members. */
  memberships(): [string, ReadonlySet<string>][] {
    return [...this.#members.entries()];
  }

  membersOf(groupId: string): ReadonlySet<string> {
    return this.#members.of(groupId);
  }

  addMembers(groupId: string, ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#members.add(groupId, ids);
    this.#changed({ groupId, added: ids, removed: [] });
  }

  removeMembers(groupId: string, ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#members.remove(groupId, ids);
    this.#changed({ groupId, added: [], removed: ids });
  }

  ownersOf(groupId: string): ReadonlySet<string> {
    return this.#owners.of(groupId);
  }

  addOwner(groupId: string, id: string): void {
    this.#owners.add(groupId, [id]);
  }

  removeOwner(groupId: string, id: string): void {
    this.#owners.remove(groupId, [id]);
  }

  /** All objects below a group, through any nesting. */
  transitiveMembers(groupId: string): string[] {
    const found = new Set<string>();
    const open = [groupId];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const id of this.membersOf(next)) {
        if (found.has(id)) continue;
        found.add(id);
        if (this.membersOf(id).size > 0) open.push(id);
      }
    }
    return [...found];
  }

  #leaveAll(id: string): void {
    for (const [groupId, members] of this.memberships()) if (members.has(id)) this.removeMembers(groupId, [id]);
  }

  #changed(change: MembershipChange): void {
    this.log.members(change);
    for (const listener of this.#listeners) listener(change);
  }

  #index(row: DeviceRow): void {
    this.#byDeviceId.set(row.deviceId.toLowerCase(), row.id);
    this.#byManagedId.set(row.managedDeviceId.toLowerCase(), row.id);
  }
}
