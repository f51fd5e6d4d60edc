import { addDays, DAY_MS } from "../../../shared/calendar/days.js";
import { parseShortName, shortName } from "../../../shared/calendar/names.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { publishedAt, type Update, Workload, type WorkloadUpdate } from "../../../shared/updates/update.js";
import { UsageError } from "../args.js";
import { qualityUpdate } from "../in-process/sample-group.js";
import { seedEntries } from "../tenant/catalogue/releases.js";
import { type DriverEntry, publications } from "../tenant/drivers/catalogue.js";
import { componentsOf } from "../tenant/drivers/components.js";
import type { DeviceRecord } from "../tenant/types.js";
import { windowsVersion } from "../tenant/windows-update/windows-versions.js";

/** Drivers of the year. */
const DRIVERS = 40;
/** Days between the first dates of two phases of the feature update. */
const PHASE_DAYS = 7;

/** An update with the instant at which its release begins, ms. */
export interface Publication {
  readonly at: number;
  readonly update: Update;
}

/** The monthly security updates of a year, `from` on (`2024-01`). Throws UsageError for months that the catalogue lacks. */
export function qualityUpdates(from: string, months = 12): Publication[] {
  const names = monthsFrom(from, months).map((month) => `${month.replace("-", ".")} B`);
  // Devices begin with the update before the first.
  const [, ...known] = monthlyUpdates();
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new UsageError(
      `The year has ${missing}, and the catalogue serves years from ${known[0]} to ${known.at(-1)}. Choose one within.`,
    );
  return names.map((name) => {
    const update = qualityUpdate(name);
    return { at: publishedAt(update), update };
  });
}

/** Names of the monthly security updates, the oldest first. */
function monthlyUpdates(): string[] {
  const names = seedEntries().map(({ date, kind }) => shortName(date, kind));
  return [...new Set(names)].filter((name) => parseShortName(name)?.kind === "B").sort();
}

function monthsFrom(from: string, months: number): string[] {
  const [year = 0, month = 0] = from.split("-").map(Number);
  return Array.from({ length: months }, (_, index) =>
    new Date(Date.UTC(year, month - 1 + index, 1)).toISOString().slice(0, 7),
  );
}

/** One feature update in as many phases as the group has rings, a week apart. @param firstAt midnight UTC, ms */
export function featureUpdate(name: string, firstAt: number, { definition }: StoredGroup): Publication {
  const target = windowsVersion(name);
  if (target === undefined) throw new Error(`There is no feature update '${name}'.`);
  const { product, version, firstBuild } = target;
  const build = firstBuild.split(".").slice(0, 3).join(".");
  const update: WorkloadUpdate = {
    workload: Workload.feature,
    catalogEntryId: `feature release of ${name}`,
    ...{ shortName: name, displayName: name, releaseDate: new Date(firstAt).toISOString() },
    revisions: [{ product, version, build, kb: name, isHotpatch: false }],
    opens: Object.fromEntries(
      definition.rings.map((ring, index) => [ring.name, { at: firstAt + index * PHASE_DAYS * DAY_MS }]),
    ),
  };
  return { at: firstAt, update };
}

/**
 * The drivers that are approved for the group, of those published between two instants (ms): recommended ones, which it
 * approves by itself, and as many of the others as an administrator would add; those of most devices first.
 */
export function drivers(
  records: readonly DeviceRecord[],
  [from, until]: readonly [number, number],
  group: StoredGroup,
): Publication[] {
  const parts = records.flatMap(componentsOf);
  const devices = new Map<string, number>();
  for (const { name } of parts) devices.set(name, (devices.get(name) ?? 0) + 1);
  const components = new Map(parts.map((part) => [part.name, part]));
  const published = [...components.values()]
    .flatMap((component) => [...publications(component, until)])
    .filter(({ releasedAt }) => releasedAt >= from);
  const devicesOf = ({ component }: DriverEntry) => devices.get(component) ?? 0;
  const most = published.toSorted(
    (a, b) => Number(b.isRequired) - Number(a.isRequired) || devicesOf(b) - devicesOf(a) || a.releasedAt - b.releasedAt,
  );
  return most
    .slice(0, DRIVERS)
    .map((entry) => ({ at: entry.releasedAt, update: driverUpdate(entry, group) }))
    .toSorted((a, b) => a.at - b.at);
}

/** Every ring is offered it after its quality deferral (autopatch.md §7). */
function driverUpdate(entry: DriverEntry, { definition }: StoredGroup): WorkloadUpdate {
  const { id, component, version, releasedAt } = entry;
  const name = `${component} - ${version}`;
  return {
    workload: Workload.driver,
    catalogEntryId: id,
    ...{ shortName: name, displayName: name, releaseDate: new Date(releasedAt).toISOString() },
    revisions: [{ product: component, version, build: version, kb: id, isHotpatch: false }],
    opens: Object.fromEntries(
      definition.rings.map((ring) => [ring.name, { at: addDays(releasedAt, ring.qualityDeferralDays) }]),
    ),
  };
}
