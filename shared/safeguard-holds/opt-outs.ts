import { z } from "zod";
import { instant } from "../schema.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

const person = z.object({ id: z.string(), name: z.string() });

/** A device for which safeguards are switched off, until it has taken a feature update (autopatch.md §12, row 104). */
export const optOutSchema = z
  .object({
    deviceId: z.string(),
    /** Id of its directory object. */
    objectId: z.string(),
    groupId: z.string(),
    ring: z.string().nullable(),
    fromBuild: z.int().nullable().describe("Build number of its Windows when it was opted out; a higher one ends it."),
    since: instant,
    by: person,
    justification: z.string(),
  })
  .meta({ id: "SafeguardOptOut" });
export type OptOut = z.infer<typeof optOutSchema>;

const PARTITION = "opt-out";
/** Stands while the tenant may differ from the opt-outs. */
const [STATE, PENDING] = ["state", "pending"];

/** All opt-outs in the order of the devices' ids. */
export async function listOptOuts(): Promise<OptOut[]> {
  const found: OptOut[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found;
}

export async function findOptOut(deviceId: string): Promise<Document<OptOut> | undefined> {
  return (await store()).get(PARTITION, deviceId.toLowerCase());
}

/** Opts a device out. One that is opted out already stays so since then, by whoever did it. Returns what holds. */
export async function keepOptOut(optOut: OptOut): Promise<OptOut> {
  const before = await findOptOut(optOut.deviceId);
  if (before !== undefined) return before.body;
  await (await store()).put(PARTITION, optOut.deviceId, optOut);
  return optOut;
}

/** A device that is not opted out is fine. */
export async function removeOptOut(deviceId: string): Promise<void> {
  await (await store()).delete(PARTITION, deviceId);
}

/** Says that the tenant is still to be brought in line; before an opt-out is written, so that none is forgotten. */
export async function expectApplying(since: string): Promise<void> {
  await (await states()).put(STATE, PENDING, { since });
}

/** Says that the tenant has been brought in line. */
export async function noteApplied(): Promise<void> {
  await (await states()).delete(STATE, PENDING);
}

/** Whether a day has anything to look at: an opt-out, or one that has not left the tenant yet. */
export async function hasOptOutWork(): Promise<boolean> {
  return (await (await states()).get(STATE, PENDING)) !== undefined || (await listOptOuts()).length > 0;
}

async function states(): Promise<Documents<{ since: string }>> {
  return documents(await table("Safeguards"), z.object({ since: instant }));
}

async function store(): Promise<Documents<OptOut>> {
  return documents(await table("Safeguards"), optOutSchema);
}
