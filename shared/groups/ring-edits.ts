import { LAST_RING } from "./defaults.js";
import { ringSizes } from "./distribution.js";
import type { AutopatchGroup } from "./group.js";
import { isFixedRing, presetRings, spacedBetween } from "./presets.js";
import type { DeploymentRing, Distribution } from "./ring.js";
import { PERCENT_TOTAL } from "./rules/distribution.js";
import { refusal } from "./rules/violation.js";

export interface NewRing {
  readonly name: string;
  /** The ring before it; default the one before Last. */
  readonly after?: string | undefined;
  readonly distribution: Distribution;
}

/**
 * The group with another ring, whose values lie between those of its neighbours; the values of the other rings stay
 * (row 11). A share of the pool is taken from the other dynamic rings in proportion to theirs. Throws `rule_violated`
 * for an unknown place; the rules for groups are checked after it.
 */
export function addRing(group: AutopatchGroup, { name, after, distribution }: NewRing): AutopatchGroup {
  const place = after === undefined ? group.rings.length - 1 : placeOf(group, after, "after") + 1;
  const [before, next] = [group.rings[place - 1], group.rings[place]];
  if (before === undefined || next === undefined)
    throw refusal({ field: "after", rule: "lastRing", limit: LAST_RING, message: `${LAST_RING} stays the last ring` });
  const ring: DeploymentRing = { name, distribution, ...spacedBetween(before, next) };
  const left = PERCENT_TOTAL - (distribution.dynamicPercent ?? 0);
  const others = distribution.dynamicPercent === undefined ? group.rings : shared(group.rings, left);
  return { ...group, rings: [...others.slice(0, place), ring, ...others.slice(place)] };
}

/**
 * The group without a ring; the other dynamic rings get its share in proportion to theirs. Throws `rule_violated` for
 * Test, Last and unknown rings.
 */
export function removeRing(group: AutopatchGroup, name: string): AutopatchGroup {
  const place = placeOf(group, name, "ring");
  if (isFixedRing(name))
    throw refusal({ field: "ring", rule: "fixedRing", limit: name, message: `every group has the ring ${name}` });
  const rings = group.rings.toSpliced(place, 1);
  const gaveShare = group.rings[place]?.distribution.dynamicPercent !== undefined;
  return { ...group, rings: gaveShare ? shared(rings, PERCENT_TOTAL) : rings };
}

/** The group with the values of its preset in the rings named, in all of them by default; devices stay (row 11). */
export function resetToPreset(group: AutopatchGroup, names?: readonly string[]): AutopatchGroup {
  const places = names?.map((name) => placeOf(group, name, "rings"));
  const values = presetRings(group.preset, group.rings.length);
  return {
    ...group,
    rings: group.rings.map((ring, place) =>
      places === undefined || places.includes(place) ? { ...ring, ...values[place] } : ring,
    ),
  };
}

/** Rings whose dynamic percentages keep their proportions and add up to `total`. */
function shared(rings: readonly DeploymentRing[], total: number): DeploymentRing[] {
  const shares = rings.flatMap(({ name, distribution }) =>
    distribution.dynamicPercent === undefined ? [] : [{ ring: name, percent: distribution.dynamicPercent }],
  );
  const percents = ringSizes(total, shares);
  return rings.map((ring) => {
    const dynamicPercent = percents.get(ring.name);
    return dynamicPercent === undefined ? ring : { ...ring, distribution: { ...ring.distribution, dynamicPercent } };
  });
}

function placeOf({ rings }: AutopatchGroup, name: string, field: string): number {
  const place = rings.findIndex((ring) => ring.name === name);
  if (place >= 0) return place;
  const limit = rings.map((ring) => ring.name).join(", ");
  throw refusal({ field, rule: "knownRing", limit, message: `the group has no ring ${name}; it has ${limit}` });
}
