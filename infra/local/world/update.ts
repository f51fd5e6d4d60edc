import { shortName } from "../../../shared/calendar/names.js";
import { UsageError } from "../args.js";
import { loadScenario } from "../fleet/index.js";
import type { CatalogueEntry } from "../tenant/catalogue/entry.js";
import { seedEntries } from "../tenant/catalogue/releases.js";

const DAY_MS = 86_400_000;

/** Domain time in which the app makes a new group's directory groups and policies, and registers its devices. */
export const SET_UP_MS = 20 * 60_000;

/** The catalogue entry of a name such as `2024.06 B`. Throws with the names that are near when there is none. */
export function updateNamed(name: string): CatalogueEntry {
  const entries = seedEntries();
  const found = entries.find((entry) => nameOf(entry) === name);
  if (found !== undefined) return found;
  const known = entries.filter(({ kind }) => kind === "B").map(nameOf);
  throw new UsageError(`The catalogue has no update '${name}'. It has ${known[0]} to ${known.at(-1)}.`);
}

/** Name of the newest monthly update of the catalogue. */
export function newestUpdate(): string {
  return (
    seedEntries()
      .filter(({ kind }) => kind === "B")
      .map(nameOf)
      .sort()
      .at(-1) ?? "nothing"
  );
}

/** The update that a scenario is about, or a month in which nothing special happened. */
export function defaultUpdate(scenario: string): string {
  return loadScenario(scenario).update ?? "2024.06 B";
}

/** Where time begins for an update: midnight UTC of its release date, hours before it is published. */
export function beginningOf(name: string): number {
  return Math.floor(updateNamed(name).publishedAt / DAY_MS) * DAY_MS;
}

function nameOf({ date, kind }: CatalogueEntry): string {
  return shortName(date, kind);
}
