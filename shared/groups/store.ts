import { z } from "zod";
import { AppError } from "../errors.js";
import { changeDocument } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { splitText } from "../store/long-text.js";
import { type Operation, safeKey, transactions } from "../store/table.js";
import { table } from "../store/tables.js";
import { groupSchema } from "./group.js";
import { officePinsSchema } from "./office-pin.js";

/** What stands for a deployment ring in the directory and in Intune. */
const ringBindingSchema = z.strictObject({
  /** Entra group of the ring's devices. */
  entraGroupId: z.string().min(1),
  /** Intune update ring; absent until the service has created it. */
  updateRingPolicyId: z.string().min(1).optional(),
  /** Directory groups of held cohorts, which the ring's policies leave out, by kind of policy (gate.md §5). */
  leftOut: z.record(z.string(), z.array(z.string())).optional(),
});

/** Where an Autopatch group is in its life. Only an active one gets devices and releases. */
export const GroupStatus = {
  /** Its directory groups and policies are being made. */
  creating: "creating",
  active: "active",
  /** Made by a scoped admin; somebody has to complete its group assignments (autopatch.md §2.4). */
  pendingAssignment: "pendingAssignment",
  deleting: "deleting",
} as const;
export type GroupStatus = (typeof GroupStatus)[keyof typeof GroupStatus];

/** An Autopatch group as the service keeps it. */
export const storedGroupSchema = z.object({
  /** Chosen once: lower-case letters, digits and dashes. */
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "use 1 to 40 lower-case letters, digits and dashes"),
  definition: groupSchema,
  status: z.enum(GroupStatus).default(GroupStatus.active),
  /** By ring name; made and kept by the service. Rings that are gone stay until their objects in the tenant are. */
  bindings: z.record(z.string(), ringBindingSchema),
  /** Entra group in which the ring groups are nested, so that a scoped admin can be given one group (§2.6). */
  parentGroupId: z.string().min(1).optional(),
  /**
   * Object ids of who owned the ring groups and their parent once the service had made them, by Entra group. A group of
   * which Graph named no owner is not in it.
   */
  owners: z.record(z.string(), z.array(z.string())).optional(),
  /** Entra group of all ring groups of the tenant, to which tenant-wide policies are assigned. */
  allDevicesGroupId: z.string().min(1).optional(),
  /** Feature release that decides about the group's Windows versions instead of its standing policy (§6.1). */
  featureReleaseId: z.string().optional(),
  /** Versions at which Microsoft 365 Apps are held, by ring (§8.1). */
  officePins: officePinsSchema.optional(),
  /** The name whose traces policies still carry after a renaming. */
  renamedFrom: z.string().optional(),
});
export type StoredGroup = z.infer<typeof storedGroupSchema>;

const PARTITION = "group";
/** The row that stands for all groups; it sorts before every id. */
const VERSION_ROW = "!version";
const VERSION = { rowKey: VERSION_ROW, values: {} } as const;
const FIRST_ID = "0";

/** The group and the ETag of the version read. Throws `not_found`. */
export async function readGroup(id: string): Promise<Document<StoredGroup>> {
  const found = await (await store()).get(PARTITION, id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no Autopatch group ${id}. GET /api/v1/groups lists them.`, {
    field: "groupId",
  });
}

export async function findGroup(id: string): Promise<Document<StoredGroup> | undefined> {
  return (await store()).get(PARTITION, id);
}

/** Writes a group; with `etag` only over that version (else `conflict`). Returns the new ETag. */
export async function writeGroup(group: StoredGroup, etag?: string): Promise<string> {
  return (await store()).put(PARTITION, group.id, group, etag);
}

/** Tries of a change by the service against others who write the same group. */
const TRIES = 5;

/**
 * Changes what the service keeps of a group; a change meanwhile by somebody else is met by changing the newer version.
 * @param change gives the group itself back when there is nothing to change
 * @throws AppError `not_found`, or `unavailable` when others go on writing
 */
export async function changeGroup(id: string, change: (group: StoredGroup) => StoredGroup): Promise<StoredGroup> {
  return changeDocument(await store(), () => readGroup(id), change, { tries: TRIES, what: `Autopatch group ${id}` });
}

/** Deletes the group's record; a missing one is success. */
export async function removeGroup(id: string): Promise<void> {
  await (await store()).delete(PARTITION, id);
}

/** All groups in the order of their ids. */
export async function listGroups(): Promise<StoredGroup[]> {
  return (await documentsOfGroups()).map(({ body }) => body);
}

async function documentsOfGroups(): Promise<Document<StoredGroup>[]> {
  const groups: Document<StoredGroup>[] = [];
  for await (const group of (await store()).all(PARTITION, { from: FIRST_ID })) groups.push(group);
  return groups;
}

/** All groups together with the version of the whole, which every change by a person is written over. */
export interface GroupsAtOnce {
  readonly groups: readonly Document<StoredGroup>[];
  readonly version: string | undefined;
}

/** Reads the version first: what is written meanwhile makes a later `writeGroups` fail rather than go unseen. */
export async function readGroups(): Promise<GroupsAtOnce> {
  const version = (await (await table("Groups")).get(PARTITION, VERSION_ROW))?.etag;
  return { version, groups: await documentsOfGroups() };
}

export interface GroupWrite {
  readonly group: StoredGroup;
  /** Of the version that was read; absent for a new group. */
  readonly etag?: string;
}

/**
 * Writes groups whose rules depend on all the others: only while no other such write has come between, so that two
 * groups never take the same name, directory group or last place at once. Returns the new ETags.
 * @throws AppError `conflict` when one has
 */
export async function writeGroups(writes: readonly GroupWrite[], version: string | undefined): Promise<string[]> {
  const groups = await table("Groups");
  const etags: string[] = [];
  let over = version;
  for (const together of transactions(writes.map(operationOf), 1)) {
    const mark: Operation =
      over === undefined ? { kind: "insert", ...VERSION } : { kind: "replace", ...VERSION, etag: over };
    const [next, ...written] = await groups.commit(PARTITION, [mark, ...together]);
    over = next;
    etags.push(...written);
  }
  return etags;
}

function operationOf({ group, etag }: GroupWrite): Operation {
  const values = { ...splitText("body", JSON.stringify(group)), id: group.id };
  const rowKey = safeKey(group.id);
  return etag === undefined ? { kind: "insert", rowKey, values } : { kind: "replace", rowKey, values, etag };
}

async function store(): Promise<Documents<StoredGroup>> {
  return documents(await table("Groups"), storedGroupSchema);
}
