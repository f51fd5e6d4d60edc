import { clock } from "../clock.js";
import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import type { Document } from "../store/documents.js";
import { directoryViolations } from "./rules/directory.js";
import { versionViolations } from "./rules/feature-version.js";
import { tenantViolations } from "./rules/tenant.js";
import { refuseAll } from "./rules/violation.js";
import { readGroups, type StoredGroup, writeGroups } from "./store.js";

/** A group as it shall be, whose own rules have been checked. */
export interface Wish {
  readonly after: StoredGroup;
  /** As it was read; absent for a new group. */
  readonly before?: Document<StoredGroup> | undefined;
  /** Put before the field of a refusal, for a group in a file. */
  readonly prefix?: string;
}

export interface Admitted extends Wish {
  /** ETag of what was written. */
  readonly etag: string;
}

/** Tries against other people who write groups at the same moment. */
const TRIES = 6;

/**
 * Writes what `decide` wishes once the rules between groups and the directory allow it: all of it or, when they refuse,
 * nothing. When somebody else has written a group meanwhile, it is decided and checked anew.
 * @param allowed hears of what is going to be written before it is, again with every try
 * @throws AppError `rule_violated` with every violation, `conflict` when others go on writing
 */
export async function admit(
  graph: Graph,
  decide: (groups: readonly Document<StoredGroup>[]) => readonly Wish[] | Promise<readonly Wish[]>,
  allowed: (wishes: readonly Wish[]) => Promise<void> = async () => undefined,
): Promise<Admitted[]> {
  for (let attempt = 1; ; attempt++) {
    const { groups, version } = await readGroups();
    const wishes = await decide(groups);
    await refuseUnruly(
      graph,
      wishes,
      groups.map(({ body }) => body),
    );
    await allowed(wishes);
    try {
      const writes = wishes.map(({ after, before }) => ({ group: after, ...(before && { etag: before.etag }) }));
      const etags = await writeGroups(writes, version);
      return wishes.map((wish, index) => ({ ...wish, etag: etags[index] ?? "" }));
    } catch (error) {
      const overtaken = error instanceof AppError && (error.code === "conflict" || error.code === "not_found");
      if (!overtaken || attempt === TRIES) throw error;
    }
  }
}

/** Throws `rule_violated` with every rule between groups, of the directory and of the catalogue that the wishes break. */
export async function refuseUnruly(
  graph: Graph,
  wishes: readonly Wish[],
  groups: readonly StoredGroup[],
): Promise<void> {
  const wished = wishes.filter(({ after }) => after.status !== "deleting");
  const ids = new Set(wishes.map(({ after }) => after.id));
  const untouched = groups.filter(({ id }) => !ids.has(id));
  refuseAll(
    wished.flatMap(({ after, before, prefix = "" }) => {
      const others = [...untouched, ...wished.flatMap((wish) => (wish.after.id === after.id ? [] : wish.after))];
      const violations = tenantViolations(after, others, { isNew: before === undefined });
      return [...violations].map((violation) => ({ ...violation, field: `${prefix}${violation.field}` }));
    }),
  );
  const checks = wished.map(({ after, before, prefix = "" }) => ({ after, before: before?.body, prefix }));
  refuseAll(await directoryViolations(graph, checks, groups));
  const definitions = wished.map(({ after, before, prefix = "" }) => {
    return { after: after.definition, before: before?.body.definition, prefix };
  });
  refuseAll(await versionViolations(graph, definitions, clock.now()));
}
