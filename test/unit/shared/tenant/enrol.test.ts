import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Graph } from "../../../../shared/graph/graph.js";
import { NEW_TENANT } from "../../../../shared/tenant/schema.js";
import { TERMS_VERSION } from "../../../../shared/tenant/terms.js";
import { ADMIN, answering, CONTACT, MemoryTables, PERMITTED, time } from "./memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
let graph: Graph;
vi.mock("../../../../shared/graph/client.js", () => ({ tenantManagementGraph: () => graph, renewSignIn: () => {} }));

const { enrol } = await import("../../../../shared/tenant/enrol.js");
const { beginLeaving, finishLeaving } = await import("../../../../shared/tenant/leave.js");
const { listAssessments } = await import("../../../../shared/tenant/assessments.js");
const { listContacts } = await import("../../../../shared/tenant/contacts.js");
const { changeTenant, tenantState } = await import("../../../../shared/tenant/state.js");

const contacts = [{ id: "1", ...CONTACT }];
const join = (given: Partial<Parameters<typeof enrol>[0]> = {}) =>
  enrol({ termsVersion: TERMS_VERSION, contacts, ...given }, ADMIN, time.now);

beforeEach(async () => {
  tables.clear();
  graph = answering(PERMITTED);
  await changeTenant((state) => state);
});

describe("enrolling", () => {
  it("records who accepted which terms and when, keeps the contacts, and finds the tenant Active", async () => {
    const at = new Date(time.now).toISOString();
    const by = { id: "admin-1", name: "Ada" };
    expect(await join()).toMatchObject({
      enrolment: "enrolled",
      status: "Active",
      terms: { version: TERMS_VERSION, by, at },
      consent: { by, at },
      enrolledAt: at,
      checkedAt: at,
    });
    expect(await listContacts()).toEqual(contacts);
  });

  it("is refused while a check is Not ready, and keeps nothing but the assessment", async () => {
    graph = answering({ ...PERMITTED, "/subscribedSkus": [] });
    await expect(join()).rejects.toMatchObject({ code: "rule_violated", details: { checks: ["Licences"] } });
    expect((await tenantState()).enrolment).toBe("none");
    expect(await listContacts()).toEqual([]);
    expect(await listAssessments()).toMatchObject([{ result: "Not ready" }]);
  });

  it("with other terms than those in force is refused", async () => {
    await expect(join({ termsVersion: "2021-07" })).rejects.toMatchObject({ field: "termsVersion" });
  });

  it("without a contact for an area is refused before anything is kept", async () => {
    const updatesOnly = [{ id: "1", ...CONTACT, areas: ["Updates" as const] }];
    await expect(join({ contacts: updatesOnly })).rejects.toMatchObject({ code: "rule_violated", field: "areas" });
    expect(await listAssessments()).toEqual([]);
  });

  it("again changes nothing", async () => {
    const first = await join();
    time.now += 1000;
    expect(await join({ contacts: [] })).toEqual(first);
    expect(await listContacts()).toEqual(contacts);
  });

  it("again accepts newer terms and keeps the rest", async () => {
    await join();
    await changeTenant((state) => ({ ...state, terms: state.terms && { ...state.terms, version: "2021-07" } }));
    const { enrolledAt } = await tenantState();
    time.now += 1000;
    expect(await join()).toMatchObject({ terms: { version: TERMS_VERSION }, enrolledAt });
  });

  it("is a conflict while the tenant leaves, and possible once it has left", async () => {
    await join();
    await beginLeaving(ADMIN, time.now);
    await expect(join()).rejects.toMatchObject({ code: "conflict" });
    await finishLeaving(time.now);
    expect(await join()).toMatchObject({ enrolment: "enrolled", unenrolment: null });
  });
});

describe("leaving", () => {
  it("needs an enrolled tenant", async () => {
    await expect(beginLeaving(ADMIN, time.now)).rejects.toMatchObject({ code: "not_enrolled" });
  });

  it("asked for twice is one leaving", async () => {
    await join();
    const first = await beginLeaving(ADMIN, time.now);
    expect(await beginLeaving(ADMIN, time.now + 1000)).toEqual(first);
  });

  it("forgets terms and consent and remembers who left when", async () => {
    await join();
    await beginLeaving(ADMIN, time.now);
    await finishLeaving(time.now + 1000);
    await finishLeaving(time.now + 2000);
    expect(await tenantState()).toMatchObject({
      enrolment: "left",
      terms: null,
      consent: null,
      unenrolment: { by: { name: "Ada" }, finishedAt: new Date(time.now + 1000).toISOString() },
    });
  });

  it("does not end for a tenant that never began it", async () => {
    await finishLeaving(time.now);
    expect(await tenantState()).toEqual(NEW_TENANT);
  });
});
