import { FIRST_RING, LAST_RING } from "./defaults.js";
import type { AutopatchGroup } from "./group.js";

/** Rings of the service's own configuration: telemetry, Microsoft 365 Apps, Edge (autopatch.md §1). */
export const ServiceRing = { test: "Test", first: "First", fast: "Fast", broad: "Broad" } as const;
export type ServiceRing = (typeof ServiceRing)[keyof typeof ServiceRing];

/**
 * The service ring of each deployment ring (autopatch.md §2.6, row 20): Test is Test, Ring1 First, Ring2 Fast; Ring3,
 * Last, Ring4 and later are Broad. A ring with a name of its own counts by its place behind Test.
 */
export function serviceRings({ rings }: Pick<AutopatchGroup, "rings">): Record<string, ServiceRing> {
  return Object.fromEntries(rings.map(({ name }, index) => [name, serviceRing(name, index)]));
}

function serviceRing(name: string, index: number): ServiceRing {
  if (name === FIRST_RING) return ServiceRing.test;
  if (name === LAST_RING) return ServiceRing.broad;
  const numbered = /^ring(\d+)$/i.exec(name)?.[1];
  const place = numbered === undefined ? index : Number(numbered);
  return place === 1 ? ServiceRing.first : place === 2 ? ServiceRing.fast : ServiceRing.broad;
}
