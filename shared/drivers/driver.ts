import { ApprovalStatus, type InventoryDriver } from "../graph/driver-inventories.js";

/** Status of a driver in the policy of a ring (autopatch.md §7), worst first as reports order them. */
export const DriverStatus = {
  needsReview: "Needs review",
  paused: "Paused",
  declined: "Declined",
  approved: "Approved",
} as const;
export type DriverStatus = (typeof DriverStatus)[keyof typeof DriverStatus];

const STATUS: Readonly<Record<ApprovalStatus, DriverStatus>> = {
  [ApprovalStatus.needsReview]: DriverStatus.needsReview,
  [ApprovalStatus.suspended]: DriverStatus.paused,
  [ApprovalStatus.declined]: DriverStatus.declined,
  [ApprovalStatus.approved]: DriverStatus.approved,
};

/**
 * Recommended: the latest version that its publisher marks as required. Other: what it replaced, firmware, and what is
 * optional (autopatch.md §7).
 */
export const DriverCategory = { recommended: "recommended", other: "other" } as const;
export type DriverCategory = (typeof DriverCategory)[keyof typeof DriverCategory];

/** A driver in the policy of one ring. */
export interface RingDriver {
  readonly ring: string;
  /** In the inventory of the ring's policy. */
  readonly inventoryId: string;
  readonly status: DriverStatus;
  readonly category: DriverCategory;
  /** Devices of the ring with an older version. */
  readonly devices: number;
  /** From when it is offered, ISO; null unless it is approved. */
  readonly offeredFrom: string | null;
}

/** A driver or firmware that devices of a group need, with its state in each ring that needs it. */
export interface Driver {
  /** In the update catalogue: the same in every policy. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly manufacturer: string;
  readonly driverClass: string;
  /** ISO */
  readonly releasedAt: string | null;
  readonly rings: readonly RingDriver[];
}

/** The inventory of a ring's policy. */
export interface RingInventory {
  readonly ring: string;
  readonly drivers: readonly InventoryDriver[];
}

/** The drivers of a group's rings, one for each id; those that no device needs are left out (autopatch.md §7). */
export function driversOf(inventories: readonly RingInventory[]): Driver[] {
  const drivers = new Map<string, Driver>();
  for (const { ring, drivers: found } of inventories) {
    for (const item of found) {
      if (item.applicableDeviceCount < 1) continue;
      const id = catalogueId(item.id);
      const known = drivers.get(id) ?? { ...described(id, item), rings: [] };
      drivers.set(id, { ...known, rings: [...known.rings, inRing(ring, item)] });
    }
  }
  return [...drivers.values()];
}

/** Ids in inventories are that of the catalogue with one of the policy (graph.md §2.4). */
export function catalogueId(inventoryId: string): string {
  return inventoryId.split("_")[0] ?? inventoryId;
}

function described(id: string, item: InventoryDriver): Omit<Driver, "rings"> {
  const { name, version, manufacturer, driverClass, releaseDateTime } = item;
  return {
    id,
    name: name ?? id,
    version: version ?? "",
    manufacturer: manufacturer ?? "",
    driverClass: driverClass ?? "",
    releasedAt: releaseDateTime,
  };
}

function inRing(ring: string, item: InventoryDriver): RingDriver {
  const status = STATUS[item.approvalStatus];
  return {
    ring,
    inventoryId: item.id,
    status,
    category: item.category === "recommended" ? DriverCategory.recommended : DriverCategory.other,
    devices: item.applicableDeviceCount,
    offeredFrom: status === DriverStatus.approved ? item.deployDateTime : null,
  };
}

/** Versions of the same driver: all that the name says but for the version, of the same maker and class. */
export function familyOf({ name, version, manufacturer, driverClass }: Omit<Driver, "rings" | "id">): string {
  const unversioned = version === "" ? name : name.replaceAll(version, "");
  return [unversioned.trim(), manufacturer, driverClass].join("\n").toLowerCase();
}
