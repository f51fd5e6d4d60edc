import { z } from "zod";
import { AppError } from "../errors.js";
import { changeDocument } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type Expedite, isOver } from "./expedite.js";

const PARTITION = "expedite";
const schema = z.custom<Expedite>(
  (value) => z.object({ id: z.string(), status: z.string(), groupIds: z.array(z.string()) }).safeParse(value).success,
);

/** The expedite. Throws `not_found`. */
export async function readExpedite(id: string): Promise<Expedite> {
  return (await documentOf(id)).body;
}

async function documentOf(id: string): Promise<Document<Expedite>> {
  const found = await (await store()).get(PARTITION, id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no expedite ${id}. GET /api/v1/expedites lists them.`, {
    field: "expediteId",
  });
}

export async function findExpedite(id: string): Promise<Expedite | undefined> {
  return (await (await store()).get(PARTITION, id))?.body;
}

/** Writes a new expedite; one that is there already stays as it is. Returns what is stored, and whether it is new. */
export async function insertExpedite(
  expedite: Expedite,
): Promise<{ readonly stored: Expedite; readonly isNew: boolean }> {
  try {
    await (await store()).insert(PARTITION, expedite.id, expedite);
    return { stored: expedite, isNew: true };
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return { stored: await readExpedite(expedite.id), isNew: false };
  }
}

/**
 * Changes an expedite; `change` sees the newest version, again when somebody else was faster, and leaves it as it is by
 * returning undefined. Returns what is stored then. Throws `not_found`.
 */
export async function changeExpedite(
  id: string,
  change: (expedite: Expedite) => Expedite | undefined,
): Promise<Expedite> {
  return changeDocument(
    await store(),
    () => documentOf(id),
    (body) => change(body) ?? body,
  );
}

/** All expedites, the newest request first. */
export async function listExpedites(): Promise<Expedite[]> {
  const found: Expedite[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found.sort((a, b) => b.requestedAt - a.requestedAt || (a.id < b.id ? -1 : 1));
}

/** Those that still have something before them. */
export async function unfinishedExpedites(): Promise<Expedite[]> {
  return (await listExpedites()).filter((expedite) => !isOver(expedite));
}

async function store(): Promise<Documents<Expedite>> {
  return documents(await table("Expedites"), schema);
}
