import type { Confirmation } from "../../drivers/mode.js";
import type { Document } from "../../store/documents.js";
import type { Wish } from "../admission.js";
import { checkEdit, edited, newGroup } from "../changes.js";
import { type Difference, differences } from "../differences.js";
import { idFromName } from "../identity.js";
import { refuseDeletionInRelease } from "../in-release.js";
import { sameName } from "../rules/tenant.js";
import { GroupStatus, type StoredGroup } from "../store.js";
import type { FileGroup } from "./read.js";

/** What applying the file does to one group. */
export interface PlannedChange {
  readonly action: "create" | "update" | "rename" | "delete" | "unchanged";
  readonly id: string;
  readonly name: string;
  /** Field by field; empty for groups that are created, deleted or unchanged. */
  readonly differences: readonly Difference[];
}

export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** What has to be written, in the same order without the unchanged. */
  readonly wishes: readonly Wish[];
}

export interface PlanInput {
  readonly file: readonly FileGroup[];
  readonly groups: readonly Document<StoredGroup>[];
  /** Ids that a new group may not have. */
  readonly taken: ReadonlySet<string>;
  readonly prune: boolean;
  /** What the caller knows that the changes destroy. */
  readonly confirm?: readonly Confirmation[];
}

/**
 * The difference between a file and the tenant's groups. Groups are the same by id, or by name where the file gives no
 * id. Throws what may not be edited or deleted; rules between groups are for the admission of the wishes.
 */
export async function planGroups({ file, groups, taken, prune, confirm = [] }: PlanInput): Promise<Plan> {
  const steps: { change: PlannedChange; wish?: Wish }[] = [];
  const ids = new Set(taken);
  const kept = new Set<string>();
  for (const wanted of file) {
    const before = counterpart(wanted, groups);
    const id = before?.body.id ?? wanted.id ?? idFromName(wanted.definition.name, ids);
    ids.add(id);
    kept.add(id);
    steps.push(before === undefined ? created(id, wanted) : await changed(before, wanted, confirm));
  }
  for (const before of prune ? groups : []) {
    if (kept.has(before.body.id) || before.body.status === GroupStatus.deleting) continue;
    await refuseDeletionInRelease(before.body.id);
    steps.push(deleted(before));
  }
  return { changes: steps.map(({ change }) => change), wishes: steps.flatMap(({ wish }) => wish ?? []) };
}

function counterpart({ id, definition }: FileGroup, groups: readonly Document<StoredGroup>[]) {
  return groups.find(({ body }) =>
    body.status === GroupStatus.deleting
      ? false
      : id === undefined
        ? sameName(body.definition.name, definition.name)
        : body.id === id,
  );
}

function created(id: string, { definition, prefix }: FileGroup): { change: PlannedChange; wish: Wish } {
  const change = { action: "create", id, name: definition.name, differences: [] } as const;
  return { change, wish: { after: newGroup(id, definition), prefix } };
}

async function changed(
  before: Document<StoredGroup>,
  { definition, prefix }: FileGroup,
  confirmed: readonly Confirmation[],
): Promise<{ change: PlannedChange; wish?: Wish }> {
  const { body } = before;
  const found = differences(body.definition, definition);
  const change = { id: body.id, name: definition.name, differences: found };
  if (found.length === 0) return { change: { ...change, action: "unchanged" } };
  const renamed = body.definition.name !== definition.name;
  const after = {
    ...edited(body, definition),
    ...(renamed ? { renamedFrom: body.definition.name } : {}),
  };
  const named = { ...body, definition: { ...body.definition, name: definition.name } };
  await checkEdit(named, after, { prefix, confirmed });
  return { change: { ...change, action: renamed ? "rename" : "update" }, wish: { before, after, prefix } };
}

function deleted(before: Document<StoredGroup>): { change: PlannedChange; wish: Wish } {
  const { id, definition } = before.body;
  const change = { action: "delete", id, name: definition.name, differences: [] } as const;
  return { change, wish: { before, after: { ...before.body, status: GroupStatus.deleting } } };
}
