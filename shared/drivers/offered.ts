import { type Driver, DriverStatus, familyOf } from "./driver.js";
import { compareVersions } from "./version.js";

/** What devices of a ring are offered of the same driver. */
export interface Offered {
  readonly driverId: string;
  readonly version: string;
}

/**
 * What devices of a ring that need the driver are offered now: the latest approved version of it whose day has come, so
 * that after a pause it is the next latest approved one; null when there is none (autopatch.md §7). Nothing that is
 * installed is taken away.
 * @param drivers those of the whole group
 * @param now ms
 */
export function offeredInRing(drivers: readonly Driver[], driver: Driver, ring: string, now: number): Offered | null {
  const family = familyOf(driver);
  const offered = drivers.filter((other) => {
    const state = other.rings.find((each) => each.ring === ring);
    if (state?.status !== DriverStatus.approved || familyOf(other) !== family) return false;
    return state.offeredFrom === null || Date.parse(state.offeredFrom) <= now;
  });
  const [latest] = offered.toSorted((a, b) => compareVersions(b.version, a.version));
  return latest === undefined ? null : { driverId: latest.id, version: latest.version };
}
