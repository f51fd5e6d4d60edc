import { compareVersions } from "../../../../shared/drivers/version.js";
import { assignedTo } from "../areas/intune/assignments.js";
import type { DeviceRow } from "../directory/directory.js";
import { replicationDelayMs, type World } from "../world.js";
import { DriverCatalogue, type DriverEntry } from "./catalogue.js";
import { FIRMWARE, type InstalledDriver, installedOn } from "./components.js";
import { ApprovalStatus, type DriverApprovals, type DriverDecision, type DriverProfileRow } from "./rows.js";

const DAY = 86_400_000;

/** A driver as one policy has it. */
export interface InventoryItem {
  readonly entry: DriverEntry;
  /** Devices of the policy with an older version. */
  readonly devices: number;
  readonly decision: DriverDecision;
  readonly category: "recommended" | "previouslyApproved" | "other";
}

/** From when a policy knows what its devices have, ms. */
export function syncedAt(world: World, row: DriverProfileRow): number {
  return row.createdAt + replicationDelayMs(world.faults);
}

/** Drivers that at least one device of the policy has in an older version, in the order of their ids (autopatch.md §7). */
export function inventoryOf(world: World, row: DriverProfileRow): InventoryItem[] {
  const now = world.clock.now();
  if (syncedAt(world, row) > now) return [];
  const needed = new Map<string, { entry: DriverEntry; series: readonly DriverEntry[]; devices: number }>();
  for (const { part, series } of partsOf(world, devicesOf(world, row))) {
    for (const entry of series) {
      if (compareVersions(part.version, entry.version) >= 0) continue;
      needed.set(entry.id, { entry, series, devices: (needed.get(entry.id)?.devices ?? 0) + 1 });
    }
  }
  const items = [...needed.values()].map(({ entry, series, devices }): InventoryItem => {
    const decision = decisionOf(row, entry, series);
    if (recommended(series) === entry) return { entry, devices, decision, category: "recommended" };
    const isFormer = entry.isRequired && decision.status === ApprovalStatus.approved;
    return { entry, devices, decision, category: isFormer ? "previouslyApproved" : "other" };
  });
  return items.toSorted((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
}

/** Drivers that devices have in an older version, with the Entra deviceIds of these, in the order of drivers' ids. */
export function driversFor(world: World, devices: readonly DeviceRow[]) {
  const needed = new Map<string, { readonly entry: DriverEntry; readonly deviceIds: string[] }>();
  for (const { device, part, series } of partsOf(world, devices)) {
    for (const entry of series) {
      if (compareVersions(part.version, entry.version) >= 0) continue;
      const known = needed.get(entry.id) ?? { entry, deviceIds: [] };
      known.deviceIds.push(device.deviceId);
      needed.set(entry.id, known);
    }
  }
  return [...needed.values()].toSorted((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
}

/** What was decided, by people or, in an automatic policy, by the service for what it recommended. */
function decisionOf(row: DriverApprovals, entry: DriverEntry, series: readonly DriverEntry[]): DriverDecision {
  const decided = row.decisions?.[entry.id];
  if (decided !== undefined) return decided;
  const addedAt = Math.max(row.createdAt, entry.releasedAt);
  const isAutomatic =
    row.approvalType === "automatic" && recommended(series.filter((e) => e.releasedAt <= addedAt)) === entry;
  if (!isAutomatic) return { status: ApprovalStatus.needsReview, deployAt: null };
  return { status: ApprovalStatus.approved, deployAt: addedAt + (row.deploymentDeferralInDays ?? 0) * DAY };
}

/** The latest version that the publisher marks as required; firmware never is. */
function recommended(series: readonly DriverEntry[]): DriverEntry | undefined {
  const required = series.filter(({ isRequired, driverClass }) => isRequired && driverClass !== FIRMWARE);
  return required.toSorted((a, b) => compareVersions(a.version, b.version)).at(-1);
}

/** What a policy lets devices have of a component at `now` (ms), the newest version first. */
export function approvedOf(row: DriverApprovals, series: readonly DriverEntry[], now: number): DriverEntry[] {
  const approved = series.filter((entry) => {
    const { status, deployAt } = decisionOf(row, entry, series);
    return status === ApprovalStatus.approved && deployAt !== null && deployAt <= now;
  });
  return approved.toSorted((a, b) => compareVersions(b.version, a.version));
}

interface Part {
  readonly device: DeviceRow;
  readonly part: InstalledDriver;
  /** What can be deployed for it. */
  readonly series: readonly DriverEntry[];
}

function partsOf(world: World, devices: readonly DeviceRow[]): Part[] {
  const catalogue = driverCatalogue(world);
  const known = new Map<string, readonly DriverEntry[]>();
  const seriesOf = (part: InstalledDriver) => {
    const series = known.get(part.name) ?? catalogue.deployable(part, world.clock.now());
    known.set(part.name, series);
    return series;
  };
  return devices.flatMap((device) => installedOn(device).map((part) => ({ device, part, series: seriesOf(part) })));
}

function devicesOf({ directory }: World, { id, targets }: DriverProfileRow): DeviceRow[] {
  const { include, exclude, everyone } = assignedTo(id, targets);
  const within = (groups: readonly string[]) => new Set(groups.flatMap((group) => directory.transitiveMembers(group)));
  const excluded = within(exclude);
  const included = everyone ? directory.devices.all().map((device) => device.id) : [...within(include)];
  return included.flatMap((object) => (excluded.has(object) ? [] : (directory.devices.get(object) ?? [])));
}

export function driverCatalogue({ store, directory }: World): DriverCatalogue {
  return new DriverCatalogue(store, directory);
}
