import { z } from "zod";
import { AppError } from "../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../store/backoff.js";
import { writeAsRead } from "../store/concurrent.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";

/** What a contact is responsible for (autopatch.md §4.5). */
export const FocusArea = { devices: "Devices", updates: "Updates" } as const;
export type FocusArea = (typeof FocusArea)[keyof typeof FocusArea];
const AREAS: readonly FocusArea[] = Object.values(FocusArea);

/** Most contacts of a tenant. */
const MOST_CONTACTS = 50;

/** A contact as an administrator writes it. */
export const contactSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  email: z.email().max(254),
  /** Digits with the usual punctuation, the country's code in front if there is one. */
  phone: z
    .string()
    .regex(/^\+?[0-9][0-9 ()./-]{2,29}$/, "write 3 to 30 digits, blanks and ()./-, after a + if need be"),
  /** Language tag, e.g. `de` or `en-GB`. */
  language: z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, "write a language tag such as en or pt-BR"),
  areas: z.array(z.enum(FocusArea)).min(1).max(AREAS.length),
  /** The checkbox "Send me emails for Windows update releases and status". */
  releaseMail: z.boolean().default(true),
});
export type ContactDetails = z.infer<typeof contactSchema>;

export const storedContactSchema = contactSchema.extend({ id: z.string().min(1) }).meta({ id: "Contact" });
export type Contact = z.infer<typeof storedContactSchema>;

const PARTITION = "tenant";
/** All contacts are one document, so that two deletions at once cannot leave an area without any. */
const ID = "contacts";

/** All admin contacts in the order in which they were added. */
export async function listContacts(): Promise<readonly Contact[]> {
  return (await (await store()).get(PARTITION, ID))?.body ?? [];
}

/** Throws `not_found`. */
export async function readContact(id: string): Promise<Contact> {
  return contactOf(await listContacts(), id);
}

/** Whom mails about releases go to: the contacts for updates that have not opted out (autopatch.md §4.5). */
export async function releaseMailRecipients(): Promise<Contact[]> {
  return (await listContacts()).filter(({ areas, releaseMail }) => releaseMail && areas.includes(FocusArea.updates));
}

/** Adds a contact; the same id twice is one contact. Throws `conflict` when the address is another contact's already. */
export async function addContact(id: string, details: ContactDetails): Promise<Contact> {
  const contact = { id, ...details };
  await changeContacts((contacts) => [...contacts.filter((each) => each.id !== id), contact]);
  return contact;
}

/**
 * Replaces a contact. Throws `not_found`, `conflict`, or `rule_violated` when an area would be left without one.
 * @param check sees the contact as it is, and throws where it may not be changed
 */
export async function replaceContact(
  id: string,
  details: ContactDetails,
  check: (before: Contact) => void = () => undefined,
): Promise<Contact> {
  const contact = { id, ...details };
  await changeContacts((contacts) => {
    check(contactOf(contacts, id));
    return contacts.map((each) => (each.id === id ? contact : each));
  });
  return contact;
}

/** Throws `not_found`, or `rule_violated` when an area would be left without a contact; `check` as when it is replaced. */
export async function removeContact(id: string, check: (before: Contact) => void = () => undefined): Promise<void> {
  await changeContacts((contacts) => {
    check(contactOf(contacts, id));
    return contacts.filter((each) => each.id !== id);
  });
}

/** Writes the contacts of a tenant that enrols. Throws like the others. */
export async function setContacts(contacts: readonly Contact[]): Promise<void> {
  await changeContacts(() => contacts);
}

/** Throws unless every area has a contact and no address comes twice. Fields are named as in a list `contacts`. */
export function checkContacts(contacts: readonly ContactDetails[]): void {
  const area = AREAS.find((each) => !contacts.some(({ areas }) => areas.includes(each)));
  if (area !== undefined) {
    throw new AppError("rule_violated", `No contact is left for ${area}. Every focus area needs at least one.`, {
      field: "areas",
      details: { rule: "contactPerFocusArea", limit: 1 },
    });
  }
  if (contacts.length > MOST_CONTACTS) {
    throw new AppError(
      "rule_violated",
      `${contacts.length} contacts are too many; at most ${MOST_CONTACTS} are kept.`,
      {
        field: "contacts",
        details: { rule: "contacts", limit: MOST_CONTACTS },
      },
    );
  }
  const addresses = contacts.map(({ email }) => email.toLowerCase());
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice === undefined) return;
  throw new AppError("conflict", `${twice} is a contact already. Change that contact instead.`, { field: "email" });
}

async function changeContacts(change: (contacts: readonly Contact[]) => readonly Contact[]): Promise<void> {
  const retry = (error: AppError) => error.retryable || (error.code === "conflict" && error.field === undefined);
  await withBackoff({ ...STORAGE_BACKOFF, retry, seed: ID }, async () => {
    const contacts = await store();
    const before = await contacts.get(PARTITION, ID);
    const after = [...change(before?.body ?? [])];
    checkContacts(after);
    await writeAsRead(contacts, [PARTITION, ID], after, before);
  });
}

function contactOf(contacts: readonly Contact[], id: string): Contact {
  const found = contacts.find((contact) => contact.id === id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no admin contact ${id}. GET /api/v1/tenant/contacts lists them.`, {
    field: "contactId",
  });
}

async function store(): Promise<Documents<Contact[]>> {
  return documents(await table("Contacts"), z.array(storedContactSchema));
}
