import type { UpdateRingView } from "../types.js";
import { type Assigned, AssignmentIndex } from "./assignments.js";
import type { DriverSource } from "./driver-source.js";
import type { FeatureSource } from "./feature-source.js";
import type { OfferSource } from "./offer-source.js";

/** An update ring with its assignment. Pauses end by themselves. */
export interface AssignedRing extends Assigned {
  readonly createdAt: number;
  readonly ring: UpdateRingView;
  /** When running pauses end, ms. */
  readonly pausedUntil?: number;
  readonly featurePausedUntil?: number;
  /** Devices get no drivers from Windows Update. */
  readonly excludesDrivers: boolean;
}

export interface AssignedExpedite extends Assigned {
  readonly entryId: string;
  readonly daysUntilForcedReboot: number;
}

/** A policy that sets how often devices scan, hours. */
export interface AssignedScan extends Assigned {
  readonly createdAt: number;
  readonly hours: number;
}

/** Everything that is assigned to groups of devices, by kind. */
export class AssignedPolicies {
  readonly quality = new AssignmentIndex<OfferSource>();
  readonly feature = new AssignmentIndex<FeatureSource>();
  readonly drivers = new AssignmentIndex<DriverSource>();
  readonly rings = new AssignmentIndex<AssignedRing>();
  readonly expedites = new AssignmentIndex<AssignedExpedite>();
  readonly scans = new AssignmentIndex<AssignedScan>();
  /** Policies that let devices have feature updates in spite of safeguard holds. */
  readonly safeguardOptOuts = new AssignmentIndex<Assigned>();
}

/** Of several policies that say different things the oldest counts: Intune reports a conflict, a device obeys one. */
export function oldest<T extends { readonly createdAt: number }>([first, ...others]: readonly T[]): T | undefined {
  if (first === undefined) return undefined;
  return others.reduce((found, each) => (each.createdAt < found.createdAt ? each : found), first);
}
