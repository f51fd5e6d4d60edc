import { z } from "zod";
import { AppError } from "../errors.js";
import { instant, monthText } from "../schema.js";
import { writeAsRead } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** `YYYY-MM` */
export const monthSchema = monthText
  .regex(/^20/, "write a month of the years 2000 to 2099")
  .describe("Month of the B release, YYYY-MM.");

/** What an administrator writes of an unplanned baseline. */
export const unplannedForm = z.strictObject({
  kb: z
    .string()
    .regex(/^KB\d{7}$/, "write the article as KB and seven digits")
    .optional()
    .describe("Knowledge base article of the baseline."),
  justification: z.string().trim().min(1).max(1000).describe("How it is known that the month is a baseline."),
});

/** A baseline out of turn, as an administrator entered it (autopatch.md §5.9, §13.3). */
export const unplannedSchema = unplannedForm.extend({
  month: monthSchema,
  enteredBy: z.string(),
  enteredAt: instant,
});
export type UnplannedBaseline = z.infer<typeof unplannedSchema>;

const PARTITION = "unplanned baseline";

/** All entries in the order of their months. */
export async function listUnplanned(): Promise<UnplannedBaseline[]> {
  const found: UnplannedBaseline[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found;
}

/** The entry of a month. */
export async function findUnplanned(month: string): Promise<Document<UnplannedBaseline> | undefined> {
  return (await store()).get(PARTITION, month);
}

/** Writes an entry over the one that was read. Throws `conflict` when somebody else wrote it meanwhile. */
export async function putUnplanned(entry: UnplannedBaseline, before?: Pick<Document<unknown>, "etag">): Promise<void> {
  await writeAsRead(await store(), [PARTITION, entry.month], entry, before);
}

/** Removes the entry that was read. Throws `conflict` when somebody else wrote it meanwhile. */
export async function removeUnplanned({ id, etag }: Document<UnplannedBaseline>): Promise<void> {
  await (await store()).delete(PARTITION, id, etag);
}

/** The error of a month for which nothing was entered. */
export function noEntry(month: string): AppError {
  const message = `No unplanned baseline is entered for ${month}. GET /api/v1/hotpatch/calendar shows the months.`;
  return new AppError("not_found", message, { field: "month" });
}

async function store(): Promise<Documents<UnplannedBaseline>> {
  return documents(await table("Hotpatch"), unplannedSchema);
}
