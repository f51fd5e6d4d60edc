import { z } from "zod";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** Something of the calendar that is told once: when it was first due to be told (ms), and whether it has been. */
const occasionSchema = z.object({ at: z.number(), done: z.boolean() });
export type Occasion = z.infer<typeof occasionSchema>;

const PARTITION = "occasion";

/** The occasion, begun now if nobody has. Whoever repeats it finds the same instant, and so writes the same entry. */
export async function occasionOf(name: string, now: number): Promise<Occasion> {
  const occasions = await store();
  const found = (await occasions.get(PARTITION, name))?.body;
  if (found !== undefined) return found;
  const begun = { at: now, done: false };
  try {
    await occasions.insert(PARTITION, name, begun);
    return begun;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return (await occasions.get(PARTITION, name))?.body ?? begun;
  }
}

export async function finishOccasion(name: string, { at }: Occasion): Promise<void> {
  await (await store()).put(PARTITION, name, { at, done: true });
}

async function store(): Promise<Documents<Occasion>> {
  return documents(await table("Feed"), occasionSchema);
}
