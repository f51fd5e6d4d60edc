import { z } from "zod";
import { AppError } from "../errors.js";
import { writeAsRead } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { ROLE_NAMES } from "./built-in-roles.js";

/** Largest number of scope tags (autopatch.md §4.8, row 15). */
const MAX_SCOPE_TAGS = 100;

/** What an administrator writes about a person. */
export const grantSchema = z.strictObject({
  role: z.enum(ROLE_NAMES),
  /** Intune scope tags to which the person is confined, whatever else gives a role; left out: no bounds. */
  scopeTagIds: z
    .array(z.string().regex(/^\d+$/, "write the number of an Intune scope tag"))
    .min(1)
    .max(MAX_SCOPE_TAGS)
    .transform((tags) => [...new Set(tags)])
    .optional(),
});

/** A role given to a person here, beside the roles of the token. */
export const assignmentSchema = grantSchema
  .extend({
    /** Object id of the person in Entra. */
    oid: z.guid().toLowerCase(),
  })
  .meta({ id: "RoleAssignment" });
export type Assignment = z.infer<typeof assignmentSchema>;

const PARTITION = "assignment";

export async function findAssignment(oid: string): Promise<Document<Assignment> | undefined> {
  return (await store()).get(PARTITION, oid.toLowerCase());
}

/** Throws `not_found`. */
export async function readAssignment(oid: string): Promise<Document<Assignment>> {
  const found = await findAssignment(oid);
  if (found !== undefined) return found;
  const message = `${oid} has no role assignment. GET /api/v1/roles/assignments lists them.`;
  throw new AppError("not_found", message, { field: "oid" });
}

/** All assignments in the order of their oids. */
export async function listAssignments(): Promise<Assignment[]> {
  const assignments: Assignment[] = [];
  for await (const { body } of (await store()).all(PARTITION)) assignments.push(body);
  return assignments;
}

/**
 * Gives a person this role in place of the one assigned before. Throws `stale` when that is another one by now.
 * @param before the assignment as it was judged; undefined: there was none
 */
export async function writeAssignment(assignment: Assignment, before?: Document<Assignment>): Promise<void> {
  const assignments = await store();
  await asJudged(() => writeAsRead(assignments, [PARTITION, assignment.oid], assignment, before));
}

/** Takes the assignment away; a missing one is success. Throws `stale` when it is another one than was judged. */
export async function deleteAssignment({ id, etag }: Document<Assignment>): Promise<void> {
  const assignments = await store();
  await asJudged(() => assignments.delete(PARTITION, id, etag));
}

async function asJudged(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof AppError && (error.code === "conflict" || error.code === "not_found"))) throw error;
    const message = "Somebody else has changed the role assignment meanwhile. Read it again and repeat your change.";
    throw new AppError("stale", message, { field: "If-Match", cause: error });
  }
}

async function store(): Promise<Documents<Assignment>> {
  return documents(await table("RoleAssignments"), assignmentSchema);
}
