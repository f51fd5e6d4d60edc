import { DAY_MS } from "../../../../shared/calendar/days.js";
import { compareVersions } from "../../../../shared/drivers/version.js";
import { Workload } from "../../../../shared/updates/update.js";
import { type DriverEntry, publications } from "../../tenant/drivers/catalogue.js";
import { componentsOf } from "../../tenant/drivers/components.js";
import type { ReleaseView } from "../release-view.js";
import type { World } from "../world.js";
import { oldestOf, RunWorkload, type WorkloadRun } from "./run.js";

/** Early in the life of the driver catalogue, so that few drivers wait to be brought in order. */
const DEFAULT_START = Date.parse("2024-01-16T00:00:00Z");
/** Until when publishers' calendars are looked through for a name. */
const LAST = Date.parse("2030-01-01T00:00:00Z");

/** A driver that the policies of the sample group approve by themselves: the first one, or one by its name. */
export function driverRun(name?: string): WorkloadRun {
  const entry = name === undefined ? undefined : driverNamed(name);
  return {
    workload: RunWorkload.driver,
    startedAt: entry === undefined ? DEFAULT_START : Math.floor(entry.releasedAt / DAY_MS) * DAY_MS,
    update: name ?? "the first driver",
    managed: { driver: true },
    find(releases, world) {
      const [first, ...others] = oldestOf(releases, Workload.driver);
      if (entry !== undefined) return [first, ...others].find((each) => each?.update.catalogEntryId === entry.id);
      if (first === undefined) return undefined;
      // Of several that start together the one that most devices need tells most.
      const together = others.filter(({ startedAt }) => startedAt === first.startedAt);
      return [first, ...together].toSorted((a, b) => concerned(world, b).size - concerned(world, a).size)[0];
    },
    truth(world, release) {
      const [revision] = release.update.revisions;
      const component = componentOf(release);
      const devices = concerned(world, release);
      if (revision === undefined) return [];
      return world.fleet
        .truth({ workload: Workload.driver, ...revision, component })
        .filter(({ deviceId }) => devices.has(deviceId));
    },
  };
}

/** Devices that had an older version of the driver when the fleet began. */
function concerned({ fleet }: World, release: ReleaseView): ReadonlySet<string> {
  const [name, version] = [componentOf(release), release.update.revisions[0]?.build ?? ""];
  const needing = fleet
    .devices()
    .filter(({ record }) =>
      componentsOf(record).some((part) => part.name === name && compareVersions(part.version, version) < 0),
    );
  return new Set(needing.map(({ deviceId }) => deviceId));
}

/** `NVIDIA - Display - 32.0.15.7713` → `NVIDIA - Display` */
function componentOf({ update }: ReleaseView): string {
  return update.name.split(" - ").slice(0, -1).join(" - ");
}

/** The publication of a driver by its name, as releases show it. */
function driverNamed(name: string): DriverEntry {
  const parts = name.split(" - ");
  const [component, driverClass = ""] = [parts.slice(0, -1).join(" - "), parts.at(-2)];
  const manufacturer = name.split(" ")[0] ?? "";
  const version = parts.at(-1);
  const published = parts.length < 3 ? [] : [...publications({ name: component, manufacturer, driverClass }, LAST)];
  const found = published.find((each) => each.version === version && each.isRequired);
  if (found !== undefined) return found;
  const known = published.filter(({ isRequired }) => isRequired).slice(0, 3);
  const examples = known.length === 0 ? [EXAMPLE] : known.map((each) => `${component} - ${each.version}`);
  throw new Error(
    `No driver '${name}' is published that policies approve by themselves. There is ${examples.join(", ")}.`,
  );
}

const EXAMPLE = exampleDriver();

function exampleDriver(): string {
  const component = { name: "Intel - Display", manufacturer: "Intel", driverClass: "Display" };
  const found = [...publications(component, LAST)].find(({ isRequired }) => isRequired);
  return `${component.name} - ${found?.version ?? ""}`;
}
