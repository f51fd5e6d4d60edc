import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import {
  addContact,
  contactSchema,
  FocusArea,
  listContacts,
  readContact,
  releaseMailRecipients,
  removeContact,
  replaceContact,
} from "../../shared/tenant/contacts.js";
import { requireEnrolled } from "../../shared/tenant/state.js";
import { json, param, route, validate } from "./route.js";

const filter = z.strictObject({
  releaseMail: z.enum(["true", "false"]).optional(),
  area: z.enum(FocusArea).optional(),
});

route({
  name: "contactsList",
  method: "GET",
  path: "tenant/contacts",
  role: "Reader",
  act: "list admin contacts",
  run: async ({ query }) => {
    const { releaseMail, area } = validate(filter, Object.fromEntries(query));
    const contacts = releaseMail === "true" ? await releaseMailRecipients() : await listContacts();
    const value = contacts
      .filter((contact) => releaseMail !== "false" || !contact.releaseMail)
      .filter(({ areas }) => area === undefined || areas.includes(area));
    return json({ value });
  },
});

route({
  name: "contactsGet",
  method: "GET",
  path: "tenant/contacts/{contactId}",
  role: "Reader",
  act: "read an admin contact",
  run: async (call) => json(await readContact(param(call, "contactId"))),
});

route({
  name: "contactsAdd",
  method: "POST",
  path: "tenant/contacts",
  role: "Administrator",
  act: "add an admin contact",
  tenant: "any",
  body: contactSchema,
  run: async ({ actor, body }) => {
    await requireEnrolled();
    const contact = await addContact(crypto.randomUUID(), body);
    await note(actor, "tenant.addContact", contact.id);
    return json(contact, 201);
  },
});

route({
  name: "contactsPut",
  method: "PUT",
  path: "tenant/contacts/{contactId}",
  role: "Administrator",
  act: "change an admin contact",
  tenant: "any",
  // What was read may be sent back: the id in the body is ignored, the path names the contact.
  body: contactSchema.extend({ id: z.string().optional() }).transform(({ id: _id, ...details }) => details),
  run: async (call) => {
    await requireEnrolled();
    const contact = await replaceContact(param(call, "contactId"), call.body);
    await note(call.actor, "tenant.changeContact", contact.id);
    return json(contact);
  },
});

route({
  name: "contactsDelete",
  method: "DELETE",
  path: "tenant/contacts/{contactId}",
  role: "Administrator",
  act: "remove an admin contact",
  tenant: "any",
  run: async (call) => {
    await requireEnrolled();
    const id = param(call, "contactId");
    await removeContact(id);
    await note(call.actor, "tenant.removeContact", id);
    return { status: 204 };
  },
});

/** The log stays when a tenant leaves, so it names contacts by their ids alone. */
async function note(actor: Actor, action: string, id: string): Promise<void> {
  await audit({ at: clock.now(), actor, action, target: `contact/${id}`, key: crypto.randomUUID() });
}
