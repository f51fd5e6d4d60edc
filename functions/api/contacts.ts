import { z } from "zod";
import {
  addContact,
  type Contact,
  contactSchema,
  FocusArea,
  listContacts,
  readContact,
  releaseMailRecipients,
  removeContact,
  replaceContact,
  storedContactSchema,
} from "../../shared/tenant/contacts.js";
import { requireEnrolled } from "../../shared/tenant/state.js";
import { refuseOtherBody } from "./etag.js";
import { note } from "./note.js";
import { listOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const filter = z.strictObject({
  releaseMail: z
    .enum(["true", "false"])
    .optional()
    .describe("true: those who get mail about releases; false: the others."),
  area: z.enum(FocusArea).optional().describe("What they are responsible for."),
});

export const contactsList = route({
  name: "contactsList",
  method: "GET",
  path: "tenant/contacts",
  role: "Reader",
  act: "list admin contacts",
  query: filter,
  answer: { about: "Admin contacts in the order in which they were added.", schema: listOf(storedContactSchema) },
  run: async ({ asked }) => {
    const { releaseMail, area } = asked;
    const contacts = releaseMail === "true" ? await releaseMailRecipients() : await listContacts();
    const value = contacts
      .filter((contact) => releaseMail !== "false" || !contact.releaseMail)
      .filter(({ areas }) => area === undefined || areas.includes(area));
    return json({ value });
  },
});

export const contactsGet = route({
  name: "contactsGet",
  method: "GET",
  path: "tenant/contacts/{contactId}",
  role: "Reader",
  act: "read an admin contact",
  answer: { about: "The contact.", schema: storedContactSchema, etag: true },
  run: async (call) => json(await readContact(param(call, "contactId"))),
});

export const contactsAdd = route({
  name: "contactsAdd",
  method: "POST",
  path: "tenant/contacts",
  role: "Administrator",
  act: "add an admin contact",
  tenant: "any",
  body: contactSchema,
  answer: { status: 201, about: "The new contact.", schema: storedContactSchema },
  run: async ({ actor, body, newId }) => {
    await requireEnrolled();
    const contact = await addContact(newId(), body);
    await note(actor, "tenant.addContact", targetOf(contact.id));
    return json(contact, 201);
  },
});

export const contactsPut = route({
  name: "contactsPut",
  method: "PUT",
  path: "tenant/contacts/{contactId}",
  role: "Administrator",
  act: "change an admin contact",
  tenant: "any",
  // What was read may be sent back: the id in the body is ignored, the path names the contact.
  body: contactSchema.extend({ id: z.string().optional() }).transform(({ id: _id, ...details }) => details),
  ifMatch: true,
  answer: { about: "The contact as it is now.", schema: storedContactSchema },
  run: async (call) => {
    await requireEnrolled();
    const contact = await replaceContact(param(call, "contactId"), call.body, unchanged(call));
    await note(call.actor, "tenant.changeContact", targetOf(contact.id));
    return json(contact);
  },
});

export const contactsDelete = route({
  name: "contactsDelete",
  method: "DELETE",
  path: "tenant/contacts/{contactId}",
  role: "Administrator",
  act: "remove an admin contact",
  tenant: "any",
  ifMatch: true,
  answer: { status: 204, about: "The contact is gone." },
  run: async (call) => {
    await requireEnrolled();
    const id = param(call, "contactId");
    await removeContact(id, unchanged(call));
    await note(call.actor, "tenant.removeContact", targetOf(id));
    return { status: 204 };
  },
});

/** Refuses a contact that is not as the caller saw it. */
function unchanged(call: Pick<Call<unknown>, "headers">) {
  return (contact: Contact) => refuseOtherBody(call, contact);
}

/** The log stays when a tenant leaves, so it names contacts by their ids alone. */
function targetOf(id: string): string {
  return `contact/${id}`;
}
