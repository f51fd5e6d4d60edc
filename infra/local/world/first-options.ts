import type { WorldState } from "./state-file.js";

/** What only a first start decides. */
const FIRST = ["devices", "seed", "scenario", "gate", "update", "realtime"] as const;

/**
 * What to tell a person whose second start has options that only count at the first: a line for each that differs.
 * `given` are the names in the command line, `wanted` what they ask for.
 */
export function ignoredOptions(kept: WorldState, wanted: WorldState, given: ReadonlySet<string>): string[] {
  return FIRST.filter((name) => given.has(name) && wanted[name] !== (kept[name] ?? false)).map((name) =>
    name === "realtime"
      ? "--realtime is ignored: the system began in virtual time. Add --fresh to begin anew."
      : `--${name} ${wanted[name]} is ignored: the system began with ${kept[name]}. Add --fresh to begin anew.`,
  );
}
