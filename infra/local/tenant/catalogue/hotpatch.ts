import { UpdateKind } from "../../../../shared/calendar/names.js";
import type { CatalogueEntry, Revision } from "./entry.js";

/** Versions of Windows that take hotpatches. */
const HOTPATCHED: ReadonlySet<string> = new Set(["24H2", "25H2"]);
/** January, April, July and October bring the baselines; the two months after each may bring hotpatches. */
const QUARTER = 3;

/**
 * Hotpatches of a month as they might have been: the published list that the catalogue is made of has none. Their
 * articles (`KB9…`) and builds (one below the cumulative update's) do not exist in reality. Empty for baseline months,
 * and where the baseline is not in the catalogue.
 */
export function emulatedHotpatches(entry: CatalogueEntry, catalogue: readonly CatalogueEntry[]): Revision[] {
  const [year, month] = entry.date.split("-").map(Number);
  const behind = ((month ?? 1) - 1) % QUARTER;
  if (behind === 0 || entry.kind !== UpdateKind.B) return [];
  const baselineMonth = `${year}-${String((month ?? 1) - behind).padStart(2, "0")}`;
  const baseline = catalogue.find(({ date, kind }) => kind === UpdateKind.B && date.startsWith(baselineMonth));
  return entry.revisions.flatMap(({ product, version, build, kb }) => {
    const on = baseline?.revisions.find((each) => each.product === product && each.version === version);
    if (!HOTPATCHED.has(version) || on === undefined) return [];
    return { product, version, build: lower(build), kb: `KB9${kb.slice(3)}`, hotpatchOf: on.build };
  });
}

function lower(build: string): string {
  const parts = build.split(".");
  return [...parts.slice(0, 3), Number(parts[3]) - 1].join(".");
}
