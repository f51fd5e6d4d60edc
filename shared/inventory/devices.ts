import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { graphClient } from "../graph/client.js";
import { listManagedDevices } from "../graph/inventory.js";
import { readConflicts } from "../policies/conflicts/store.js";
import { remembered } from "../policies/remembered.js";
import type { DeviceRecord } from "../registration/device.js";
import type { DeviceInventory, Inventory } from "./inventory.js";
import { listInventories } from "./store.js";

/** A device must have checked in with Intune within so many days (autopatch.md §8.1). */
const CHECK_IN_DAYS = 5;

/** A registered device as the app workloads see it. */
export interface AppDevice {
  readonly deviceId: string;
  readonly name: string | null;
  readonly groupId: string;
  readonly ring: string;
  /** Lower-case: `x64`, `x86`, `arm64`; null when Intune names none. */
  readonly architecture: string | null;
  /** ms; null: never. */
  readonly lastCheckInAt: number | null;
  /** Whether that is recent enough. */
  readonly checkedIn: boolean;
  /** Null where the agent has never told one. */
  readonly inventory: Inventory | null;
  /** When the agent made it, ISO 8601. */
  readonly inventoryAt: string | null;
  /** Settings of the service about which another policy says otherwise to this device. */
  readonly conflictingSettings: readonly string[];
}

/** How long a check-in may go unseen, ms of domain time: the register's own dates may be a week old. */
const KNOWN_MS = HOUR_MS;
const managed = remembered(() => listManagedDevices(graphClient()), KNOWN_MS);

/** The devices among these that are in a ring, in one query for all inventories. @param now ms */
export async function appDevices(records: readonly DeviceRecord[], now: number): Promise<AppDevice[]> {
  const [inventories, conflicting, seen] = await Promise.all([listInventories(), conflicts(), managed.get(now)]);
  return records.flatMap((record) => {
    const { deviceId } = record;
    const { lastSyncAt = null } = seen.get(deviceId) ?? record.managed ?? {};
    const conflictingSettings = conflicting.get(deviceId) ?? [];
    return appDeviceOf(record, { lastSyncAt, told: inventories.get(deviceId), conflictingSettings }, now) ?? [];
  });
}

/** What else than the register knows of a device. */
interface AppFacts extends Pick<AppDevice, "conflictingSettings"> {
  /** ISO 8601; null: never. */
  readonly lastSyncAt: string | null;
  readonly told: DeviceInventory | undefined;
}

/** A device as the app workloads see it; undefined for one that is in no ring. @param now ms */
export function appDeviceOf(
  { deviceId, name, groupId, ring, managed }: DeviceRecord,
  { lastSyncAt, told, conflictingSettings }: AppFacts,
  now: number,
): AppDevice | undefined {
  if (groupId === null || ring === null) return undefined;
  const lastCheckInAt = lastSyncAt === null ? null : Date.parse(lastSyncAt);
  return {
    ...{ deviceId, name, groupId, ring, lastCheckInAt, conflictingSettings },
    architecture: managed?.processorArchitecture?.toLowerCase() ?? null,
    checkedIn: lastCheckInAt !== null && now - lastCheckInAt <= CHECK_IN_DAYS * DAY_MS,
    inventory: told?.inventory ?? null,
    inventoryAt: told?.at ?? null,
  };
}

/** Conflicting settings by device. */
async function conflicts(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await readConflicts();
  const settings = new Map(found.conflicts.map(({ id, conflictingSettings }) => [id, conflictingSettings]));
  return new Map(found.devices.map((each) => [each.deviceId, each.conflicts.flatMap((id) => settings.get(id) ?? [])]));
}
