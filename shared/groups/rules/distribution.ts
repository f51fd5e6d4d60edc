import { FIRST_RING, LAST_RING } from "../defaults.js";
import type { AutopatchGroup } from "../group.js";
import type { DeploymentRing } from "../ring.js";
import type { Violation } from "./violation.js";

/** What the percentages of the dynamic rings add up to (autopatch.md §2.2, row 6). */
export const PERCENT_TOTAL = 100;

/** How devices reach the rings (autopatch.md §2.2, rows 2, 5 and 6). Yields every violation, in the order of the fields. */
export function* distributionViolations(group: AutopatchGroup): Generator<Violation> {
  for (const [index, ring] of group.rings.entries()) {
    const field = `rings[${index}].distribution`;
    yield* ring.name === FIRST_RING || ring.name === LAST_RING ? assignedOnly(ring, field) : reachable(ring, field);
  }
  yield* percentages(group);
}

function* assignedOnly({ name, distribution }: DeploymentRing, field: string): Generator<Violation> {
  if (distribution.dynamicPercent !== undefined)
    yield {
      field: `${field}.dynamicPercent`,
      rule: "assignedOnly",
      message: `${name} takes no share of the dynamic pool, its devices are assigned`,
    };
  if (distribution.assignedGroupId === undefined)
    yield {
      field: `${field}.assignedGroupId`,
      rule: "oneDirectoryGroup",
      limit: 1,
      message: `${name} needs exactly one directory group of devices`,
    };
}

function* reachable({ name, distribution }: DeploymentRing, field: string): Generator<Violation> {
  if (distribution.assignedGroupId === undefined && distribution.dynamicPercent === undefined)
    yield {
      field,
      rule: "distribution",
      message: `${name} gets no devices: give it a directory group, a share of the pool, or both`,
    };
}

function* percentages({ rings, dynamicGroupIds }: AutopatchGroup): Generator<Violation> {
  const dynamic = rings.flatMap(({ distribution }, index) =>
    distribution.dynamicPercent === undefined ? [] : [{ index, percent: distribution.dynamicPercent }],
  );
  const [first] = dynamic;
  if (first === undefined) {
    if (dynamicGroupIds.length > 0)
      yield {
        field: "dynamicGroupIds",
        rule: "poolWithoutDynamicRing",
        message: "no ring takes a share of the pool, so that its devices would be in no ring",
      };
    return;
  }
  if (dynamicGroupIds.length === 0)
    yield {
      field: "dynamicGroupIds",
      rule: "dynamicRingWithoutPool",
      limit: 1,
      message: "rings with a share need a pool of at least one directory group",
    };
  const total = dynamic.reduce((sum, { percent }) => sum + percent, 0);
  if (total !== PERCENT_TOTAL)
    yield {
      field: `rings[${first.index}].distribution.dynamicPercent`,
      rule: "percentTotal",
      limit: PERCENT_TOTAL,
      message: `the percentages of the dynamic rings add up to ${total}, not to ${PERCENT_TOTAL}`,
    };
}
