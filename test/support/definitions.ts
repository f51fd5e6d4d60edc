import type { AutopatchGroupInput } from "../../shared/groups/group.js";

/** Directory groups of a definition: those of Test and Last, and a pool for the rings between. */
export interface Sources {
  readonly test: string;
  readonly last: string;
  readonly pool?: string;
}

/**
 * A definition as an administrator sends it, whose ring values are left to the preset: Test and Last assigned, the rings
 * between dynamic with these percentages.
 */
export function definitionOf(
  name: string,
  { test, last, pool }: Sources,
  percents: readonly number[] = pool === undefined ? [] : [10, 25, 65],
): Record<string, unknown> & { readonly name: string; readonly rings: readonly Record<string, unknown>[] } {
  return {
    name,
    dynamicGroupIds: pool === undefined ? [] : [pool],
    rings: [
      { name: "Test", distribution: { assignedGroupId: test } },
      ...percents.map((dynamicPercent, index) => ({ name: `Ring${index + 1}`, distribution: { dynamicPercent } })),
      { name: "Last", distribution: { assignedGroupId: last } },
    ],
  } satisfies Partial<Record<keyof AutopatchGroupInput, unknown>> & { name: string; rings: unknown };
}
