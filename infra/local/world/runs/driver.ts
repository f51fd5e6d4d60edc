import { DAY_MS } from "../../../../shared/calendar/days.js";
import { compareVersions } from "../../../../shared/drivers/version.js";
import { Workload } from "../../../../shared/updates/update.js";
import { UsageError } from "../../args.js";
import { type DriverEntry, publications } from "../../tenant/drivers/catalogue.js";
import { componentsOf } from "../../tenant/drivers/components.js";
import type { World } from "../world.js";
import { oldestOf, RunWorkload, type WorkloadRun } from "./run.js";

/** Nearly every device of the fleet needs it, and it comes early, so that few others wait to be brought in order. */
const DEFAULT_DRIVER = "NVIDIA - Display - 32.0.15.7713";
/** Until when publishers' calendars are looked through for a name. */
const LAST = Date.parse("2030-01-01T00:00:00Z");

/** A driver that the policies of the sample group approve by themselves, from the day on which it is published. */
export function driverRun(update = DEFAULT_DRIVER): WorkloadRun {
  const entry = driverNamed(update);
  const { component, version } = entry;
  return {
    workload: RunWorkload.driver,
    startedAt: Math.floor(entry.releasedAt / DAY_MS) * DAY_MS,
    update,
    managed: { driver: true },
    find: (releases) => oldestOf(releases, Workload.driver).find((each) => each.update.catalogEntryId === entry.id),
    truth(world) {
      const devices = concerned(world, entry);
      return world.fleet
        .truth({ workload: Workload.driver, kb: entry.id, build: version, component })
        .filter(({ deviceId }) => devices.has(deviceId));
    },
  };
}

/** Devices that had an older version of the driver when the fleet began. */
function concerned({ fleet }: Pick<World, "fleet">, { component, version }: DriverEntry): ReadonlySet<string> {
  const needing = fleet
    .devices()
    .filter(({ record }) =>
      componentsOf(record).some((part) => part.name === component && compareVersions(part.version, version) < 0),
    );
  return new Set(needing.map(({ deviceId }) => deviceId));
}

/** The publication of a driver by its name, as releases show it. Throws UsageError with what there is. */
function driverNamed(name: string): DriverEntry {
  const parts = name.split(" - ");
  const [component, driverClass = ""] = [parts.slice(0, -1).join(" - "), parts.at(-2)];
  const manufacturer = name.split(" ")[0] ?? "";
  const version = parts.at(-1);
  const published = parts.length < 3 ? [] : [...publications({ name: component, manufacturer, driverClass }, LAST)];
  const found = published.find((each) => each.version === version && each.isRequired);
  if (found !== undefined) return found;
  const known = published.filter(({ isRequired }) => isRequired).slice(0, 3);
  const examples = known.length === 0 ? [DEFAULT_DRIVER] : known.map((each) => `${component} - ${each.version}`);
  throw new UsageError(
    `No driver '${name}' is published that policies approve by themselves. There is ${examples.join(", ")}.`,
  );
}
