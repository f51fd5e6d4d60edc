import { beforeEach, describe, expect, it, vi } from "vitest";
import { CONTACT, MemoryTables } from "./memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));

const { addContact, contactSchema, listContacts, readContact, releaseMailRecipients, removeContact, replaceContact } =
  await import("../../../../shared/tenant/contacts.js");

const devices = { ...CONTACT, email: "d@contoso.example", areas: ["Devices" as const] };
const updates = { ...CONTACT, email: "u@contoso.example", areas: ["Updates" as const] };

beforeEach(async () => {
  tables.clear();
  await addContact("1", CONTACT);
});

describe("admin contacts", () => {
  it("are kept in the order in which they came, under their ids", async () => {
    await addContact("2", devices);
    expect((await listContacts()).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(await readContact("2")).toEqual({ id: "2", ...devices });
  });

  it.each([
    ["name", ""],
    ["name", "x".repeat(101)],
    ["email", "grace"],
    ["phone", "call me"],
    ["language", "German"],
    ["areas", []],
    ["areas", ["Coffee"]],
    ["releaseMail", "yes"],
  ])("with %s %j are refused by that name", (field, value) => {
    const parsed = contactSchema.safeParse({ ...CONTACT, [field]: value });
    expect(parsed.error?.issues[0]?.path[0]).toBe(field);
  });

  it("get release mail unless they say otherwise", () => {
    const { releaseMail: _, ...silent } = CONTACT;
    expect(contactSchema.parse(silent).releaseMail).toBe(true);
  });

  it("without the checkbox, or for devices only, get no release mail", async () => {
    await addContact("2", devices);
    await addContact("3", { ...updates, releaseMail: false });
    expect((await releaseMailRecipients()).map(({ id }) => id)).toEqual(["1"]);
  });

  it("cannot be removed when an area would have nobody", async () => {
    await addContact("2", updates);
    await expect(removeContact("1")).rejects.toMatchObject({
      code: "rule_violated",
      field: "areas",
      details: { rule: "contactPerFocusArea", limit: 1 },
    });
    await addContact("3", devices);
    await removeContact("1");
    expect((await listContacts()).map(({ id }) => id)).toEqual(["2", "3"]);
  });

  it("cannot be changed so that an area has nobody", async () => {
    await expect(replaceContact("1", devices)).rejects.toMatchObject({ code: "rule_violated" });
    expect(await readContact("1")).toEqual({ id: "1", ...CONTACT });
  });

  it("of two removed at once leave one for every area", async () => {
    await addContact("2", { ...CONTACT, email: "second@contoso.example" });
    const results = await Promise.allSettled([removeContact("1"), removeContact("2")]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await listContacts()).toHaveLength(1);
  });

  it("do not come twice with one address", async () => {
    await expect(addContact("2", { ...devices, email: "GRACE@contoso.example" })).rejects.toMatchObject({
      code: "conflict",
      field: "email",
    });
  });

  it("that do not exist are not found", async () => {
    for (const call of [readContact("9"), removeContact("9"), replaceContact("9", CONTACT)]) {
      await expect(call).rejects.toMatchObject({ code: "not_found", field: "contactId" });
    }
  });
});
