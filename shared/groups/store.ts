import { z } from "zod";
import { AppError } from "../errors.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { groupSchema } from "./group.js";

/** What stands for a deployment ring in the directory and in Intune. */
export const ringBindingSchema = z.strictObject({
  /** Entra group of the ring's devices. */
  entraGroupId: z.string().min(1),
  /** Intune update ring; absent until the service has created it. */
  updateRingPolicyId: z.string().min(1).optional(),
});
export type RingBinding = z.infer<typeof ringBindingSchema>;

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
  /** By ring name. */
  bindings: z.record(z.string(), ringBindingSchema),
});
export type StoredGroup = z.infer<typeof storedGroupSchema>;

const PARTITION = "group";

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

/** Writes a new group. Throws `conflict` when the id is taken. */
export async function insertGroup(group: StoredGroup): Promise<string> {
  return (await store()).insert(PARTITION, group.id, group);
}

/** All groups in the order of their ids. */
export async function listGroups(): Promise<StoredGroup[]> {
  const groups: StoredGroup[] = [];
  for await (const { body } of (await store()).all(PARTITION)) groups.push(body);
  return groups;
}

async function store(): Promise<Documents<StoredGroup>> {
  return documents(await table("Groups"), storedGroupSchema);
}
