import { type Confirmation, LOSE_DECISIONS, switchViolations } from "../drivers/mode.js";
import { AppError } from "../errors.js";
import { refuseDeletionInFeatureRelease } from "../feature-releases/locks.js";
import type { Graph } from "../graph/graph.js";
import type { Document } from "../store/documents.js";
import { type Admitted, admit, type Wish } from "./admission.js";
import type { AutopatchGroup } from "./group.js";
import { idFromName, refuseReserved, takenIds } from "./identity.js";
import { refuseDeletionInRelease, refuseNewRingsMeanwhile } from "./in-release.js";
import { lockedSettings } from "./locks.js";
import { editViolations } from "./rules/edit.js";
import { refuseFirst } from "./rules/violation.js";
import { GroupStatus, type StoredGroup } from "./store.js";
import { validateGroup } from "./validate.js";

/** What a change needs besides its input. */
export interface ChangeOptions {
  readonly graph: Graph;
  /** Whether the group waits for an administrator without scope to complete its assignments (autopatch.md §2.4). */
  readonly pending?: boolean;
  /** Sees the version that is to be changed (ETag of the store), and throws where the caller saw another one. */
  readonly unchanged?: (etag: string) => void;
  /** Hears that the rules allow the change, before it is written: once or, where others write meanwhile, again. */
  readonly allowed?: () => Promise<void>;
  /** What the caller knows that the change destroys. */
  readonly confirmed?: readonly Confirmation[];
}

/** A new group with an id made of its name, or with the id given. Throws what the rules refuse. */
export async function createGroup(
  definition: AutopatchGroup,
  options: ChangeOptions & { id?: string },
): Promise<Admitted> {
  if (options.id !== undefined) refuseReserved(options.id);
  return one(options.graph, async (groups) => {
    const id = options.id ?? idFromName(definition.name, await takenIds(groups.map(({ body }) => body)));
    return { after: newGroup(id, definition, options.pending) };
  });
}

export function newGroup(id: string, definition: AutopatchGroup, pending = false): StoredGroup {
  return { id, definition, status: pending ? GroupStatus.pendingAssignment : GroupStatus.creating, bindings: {} };
}

/**
 * Changes the definition of a group; `edit` sees the present one. The name and the preset stay, and so does what a
 * release has locked. Throws `not_found`, `conflict` and what the rules refuse.
 */
export async function editGroup(
  id: string,
  edit: (before: StoredGroup) => AutopatchGroup,
  options: ChangeOptions,
): Promise<Admitted> {
  const decide = async (groups: readonly Document<StoredGroup>[]) => {
    const before = present(groups, id, options.unchanged);
    const after = edited(before.body, edit(before.body));
    await checkEdit(before.body, after, { confirmed: options.confirmed });
    return { before, after };
  };
  return one(options.graph, decide, options.allowed);
}

/** The group with another definition; with rings that have no directory group yet it is in creation again. */
export function edited(before: StoredGroup, definition: AutopatchGroup): StoredGroup {
  const complete = definition.rings.every(({ name }) => before.bindings[name] !== undefined);
  const status = before.status === GroupStatus.active && !complete ? GroupStatus.creating : before.status;
  // Whoever allows Microsoft 365 Apps again begins with the newest version.
  const { officePins: _ended, ...unpinned } = before;
  return { ...(definition.updateTypes.microsoft365Apps ? before : unpinned), definition, status };
}

export interface CheckOptions {
  /** Put before the field of a refusal, for a group in a file. */
  readonly prefix?: string;
  readonly confirmed?: readonly Confirmation[] | undefined;
}

/**
 * Throws what an edit may not change: name, preset, locked settings, rings of a running release, and, unless that is
 * confirmed, what would destroy decisions about drivers.
 */
export async function checkEdit(
  before: StoredGroup,
  after: StoredGroup,
  { prefix = "", confirmed = [] }: CheckOptions = {},
): Promise<void> {
  const violations = [
    ...editViolations(before.definition, after.definition, await lockedSettings(before)),
    ...switchViolations(before.definition, after.definition, confirmed.includes(LOSE_DECISIONS)),
  ];
  refuseFirst(violations.map((violation) => ({ ...violation, field: `${prefix}${violation.field}` })));
  await refuseNewRingsMeanwhile(before, after);
}

/** Gives the group another name (row 4). Throws what the rules refuse. */
export async function renameGroup(id: string, name: string, options: ChangeOptions): Promise<Admitted> {
  return one(options.graph, (groups) => {
    const before = present(groups, id, options.unchanged);
    const definition = validateGroup({ ...before.body.definition, name }, { origin: "stored" });
    return { before, after: { ...before.body, definition, renamedFrom: before.body.definition.name } };
  });
}

/** Marks a group for removal. Throws `conflict` while it is in an active or paused release, feature releases included. */
export async function deleteGroup(id: string, options: ChangeOptions): Promise<Admitted> {
  return one(options.graph, async (groups) => {
    const before = present(groups, id, options.unchanged, { deleting: true });
    await refuseDeletionInRelease(id);
    await refuseDeletionInFeatureRelease(id);
    return { before, after: { ...before.body, status: GroupStatus.deleting } };
  });
}

/** Completes the assignments of a group that a scoped admin made (row 14). Throws `conflict` when none are pending. */
export async function completeAssignments(id: string, options: ChangeOptions): Promise<Admitted> {
  return one(options.graph, (groups) => {
    const before = present(groups, id, options.unchanged);
    if (before.body.status !== GroupStatus.pendingAssignment)
      throw new AppError(
        "conflict",
        `Autopatch group ${id} has no assignments to complete: it is ${before.body.status}.`,
      );
    return { before, after: { ...before.body, status: GroupStatus.creating } };
  });
}

/** The group as stored. Throws `not_found`, what `unchanged` throws, and `conflict` when it is being deleted. */
function present(
  groups: readonly Document<StoredGroup>[],
  id: string,
  unchanged: ChangeOptions["unchanged"],
  { deleting = false } = {},
): Document<StoredGroup> {
  const found = groups.find(({ body }) => body.id === id);
  if (found === undefined)
    throw new AppError("not_found", `There is no Autopatch group ${id}. GET /api/v1/groups lists them.`, {
      field: "groupId",
    });
  unchanged?.(found.etag);
  if (found.body.status === GroupStatus.deleting && !deleting)
    throw new AppError("conflict", `Autopatch group ${id} is being deleted. Create another one when it is gone.`);
  return found;
}

async function one(
  graph: Graph,
  decide: (groups: readonly Document<StoredGroup>[]) => Wish | Promise<Wish>,
  allowed?: () => Promise<void>,
): Promise<Admitted> {
  const [admitted] = await admit(graph, async (groups) => [await decide(groups)], allowed);
  if (admitted === undefined) throw new AppError("internal", "A group was admitted without being written.");
  return admitted;
}
