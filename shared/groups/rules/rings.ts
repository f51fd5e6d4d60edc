import { FIRST_RING, LAST_RING } from "../defaults.js";
import type { AutopatchGroup } from "../group.js";
import { activeHoursSpan, type DeploymentRing } from "../ring.js";
import type { Violation } from "./violation.js";

/** Longest span of active hours (autopatch.md §5.4). */
const MAX_ACTIVE_HOURS = 18;
/** Shortest deadline a person may type; only the Test ring keeps its default of 0 (§5.4). */
export const MIN_TYPED_DEADLINE_DAYS = 2;

function* ringOrder({ rings }: AutopatchGroup): Generator<Violation> {
  if (rings[0]?.name !== FIRST_RING)
    yield {
      field: "rings[0].name",
      rule: "firstRing",
      limit: FIRST_RING,
      message: `the first ring is always ${FIRST_RING}`,
    };
  const last = rings.length - 1;
  if (rings[last]?.name !== LAST_RING)
    yield {
      field: `rings[${last}].name`,
      rule: "lastRing",
      limit: LAST_RING,
      message: `the last ring is always ${LAST_RING}`,
    };
}

function* uniqueNames({ rings }: AutopatchGroup): Generator<Violation> {
  const seen = new Set<string>();
  for (const [index, { name }] of rings.entries()) {
    const key = name.toLowerCase();
    if (seen.has(key))
      yield { field: `rings[${index}].name`, rule: "uniqueRingName", message: `two rings are called ${name}` };
    seen.add(key);
  }
}

function* activeHours({ cadence }: DeploymentRing, field: string): Generator<Violation> {
  if (cadence.type !== "scheduledInstall" || cadence.install.kind !== "activeHours") return;
  const span = activeHoursSpan(cadence.install.startHour, cadence.install.endHour);
  if (span > MAX_ACTIVE_HOURS)
    yield {
      field: `${field}.cadence.install.endHour`,
      rule: "activeHoursSpan",
      limit: MAX_ACTIVE_HOURS,
      message: `active hours span ${span} hours, the longest span is ${MAX_ACTIVE_HOURS}`,
    };
}

function* waveShares({ waves }: DeploymentRing, field: string): Generator<Violation> {
  const total = waves.reduce((sum, share) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9)
    yield {
      field: `${field}.waves`,
      rule: "waveShares",
      limit: 1,
      message: `wave shares add up to ${total}, not to 1`,
    };
}

/** Rules of rings that no single field can express. Yields every violation, in the order of the fields. */
export function* ringViolations(group: AutopatchGroup): Generator<Violation> {
  yield* ringOrder(group);
  yield* uniqueNames(group);
  for (const [index, ring] of group.rings.entries()) {
    yield* activeHours(ring, `rings[${index}]`);
    yield* waveShares(ring, `rings[${index}]`);
  }
}

/**
 * Deadlines that the service may store but a person may not type; those of features as well (autopatch.md §5.4).
 * Scheduled rings have none, so theirs are not judged.
 */
export function* typedDeadlineViolations(group: AutopatchGroup): Generator<Violation> {
  for (const [index, ring] of group.rings.entries()) {
    if (ring.cadence.type !== "deadlineDriven") continue;
    for (const setting of ["qualityDeadlineDays", "featureDeadlineDays"] as const) {
      if (ring[setting] >= MIN_TYPED_DEADLINE_DAYS) continue;
      if (setting === "qualityDeadlineDays" && ring.name === FIRST_RING && ring[setting] === 0) continue;
      yield {
        field: `rings[${index}].${setting}`,
        rule: "minimum",
        limit: MIN_TYPED_DEADLINE_DAYS,
        message: `a deadline is at least ${MIN_TYPED_DEADLINE_DAYS} days`,
      };
    }
  }
}
