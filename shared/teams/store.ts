import { z } from "zod";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** A person as Teams knows him towards this bot. */
const personSchema = z.object({
  /** Object id in Entra. */
  oid: z.string(),
  /** `29:…` */
  mri: z.string(),
  name: z.string(),
  /** The bot's chat with the person, once there is one. */
  chatId: z.string().optional(),
});
export type TeamsPerson = z.infer<typeof personSchema>;

const serviceSchema = z.object({ serviceUrl: z.string() });

const PERSON = "person";
const SERVICE = "service";
const LATEST = "latest";

export async function findPerson(oid: string): Promise<TeamsPerson | undefined> {
  return (await (await people()).get(PERSON, oid))?.body;
}

/** Keeps what was learned of a person; what is known beyond it stays. Writes nothing when it is no news. */
export async function keepPerson(learned: TeamsPerson): Promise<TeamsPerson> {
  const before = await findPerson(learned.oid);
  const person = { ...before, ...learned };
  if (JSON.stringify(person) !== JSON.stringify(before)) await (await people()).put(PERSON, person.oid, person);
  return person;
}

/** Where Teams said last that it is reached. */
export async function knownServiceUrl(): Promise<string | undefined> {
  return (await (await services()).get(SERVICE, LATEST))?.body.serviceUrl;
}

export async function keepServiceUrl(serviceUrl: string): Promise<void> {
  if ((await knownServiceUrl()) !== serviceUrl) await (await services()).put(SERVICE, LATEST, { serviceUrl });
}

async function people(): Promise<Documents<TeamsPerson>> {
  return documents(await table("Teams"), personSchema);
}

async function services(): Promise<Documents<z.infer<typeof serviceSchema>>> {
  return documents(await table("Teams"), serviceSchema);
}
