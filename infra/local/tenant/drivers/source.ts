import type { Assigned } from "../windows-update/assignments.js";
import type { DriverSource } from "../windows-update/driver-source.js";
import type { World } from "../world.js";
import { type DriverEntry, nextPublication } from "./catalogue.js";
import type { Component } from "./components.js";
import { approvedOf, driverCatalogue } from "./inventory.js";
import type { DriverApprovals } from "./rows.js";

const DAY = 86_400_000;

/** A driver update profile, or a policy with a rule about drivers, as Windows Update acts on it. */
export function driverSource(world: World, assigned: Assigned, row: DriverApprovals): DriverSource {
  const catalogue = driverCatalogue(world);
  let known = { at: "", approved: new Map<string, DriverEntry[]>() };
  const approved = (component: Component) => {
    const now = world.clock.now();
    const at = `${now} ${catalogue.changes()}`;
    if (known.at !== at) known = { at, approved: new Map() };
    const found = known.approved.get(component.name) ?? approvedOf(row, catalogue.deployable(component, now), now);
    known.approved.set(component.name, found);
    return found;
  };
  return { ...assigned, approved, nextChange: (now) => nextChange(world, row, now) };
}

/**
 * Decisions have dates; what the service decides by itself follows the publications and withdrawals of manufacturers, of
 * which each is at the same time of day.
 */
function nextChange(world: World, row: DriverApprovals, now: number): number | undefined {
  const decisions = Object.values(row.decisions ?? {}).flatMap(({ deployAt }) => deployAt ?? []);
  const deferral = (row.deploymentDeferralInDays ?? 0) * DAY;
  const isAutomatic = row.approvalType === "automatic";
  if (!isAutomatic && decisions.length === 0) return undefined;
  const added = isAutomatic ? [row.createdAt, ...driverCatalogue(world).publishedAt()] : [];
  const dates = [...decisions, ...added.map((at) => at + deferral)];
  return Math.min(...dates.filter((at) => at > now), nextPublication(now));
}
