import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { type Driver, DriverStatus, familyOf } from "./driver.js";

/**
 * What an approved driver brings to a group, for the release that measures it there: rings open when their policy offers
 * it. Undefined while no ring approves it.
 * @param now ms; a ring whose policy names no date offers it from now on
 * @param isWanted whether the release is to measure a ring
 */
export function driverUpdateOf(
  driver: Driver,
  now: number,
  isWanted: (ring: string) => boolean = () => true,
): WorkloadUpdate | undefined {
  const opens = Object.fromEntries(
    driver.rings
      .filter(({ ring, status }) => status === DriverStatus.approved && isWanted(ring))
      .map(({ ring, offeredFrom }) => [ring, { at: offeredFrom === null ? now : Date.parse(offeredFrom) }]),
  );
  const instants = Object.values(opens).map(({ at }) => at);
  if (instants.length === 0) return undefined;
  const { id, name, version, manufacturer } = driver;
  // Publishers write maker and version into the name, or leave them out.
  const shortName = name.includes(version) ? name : `${name} ${version}`;
  return {
    workload: Workload.driver,
    catalogEntryId: id,
    shortName,
    displayName: shortName.startsWith(manufacturer) ? shortName : `${manufacturer} ${shortName}`,
    releaseDate: new Date(Math.min(...instants)).toISOString(),
    revisions: [{ product: familyOf(driver), version, build: version, kb: id, isHotpatch: false }],
    opens,
  };
}
