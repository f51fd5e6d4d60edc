import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Assignment } from "../../../../shared/access/assignments.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { OID } from "./tokens.js";

let assignments = new MemoryTable();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => assignments }));
vi.mock("../../../../shared/access/token.js", () => ({
  tokenValidator: () => async (token: string) => ({ oid: OID, name: "Ada", roles: token.split("+") }),
}));
vi.stubEnv("TENANT_ID", "tenant");

const { callerOf, personOf } = await import("../../../../shared/access/caller.js");
const { writeAssignment } = await import("../../../../shared/access/assignments.js");

beforeEach(() => {
  assignments = new MemoryTable();
});

/** The same after a start with these settings. */
async function freshCallerOf(settings: Readonly<Record<string, string>>): Promise<typeof callerOf> {
  vi.resetModules();
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const fresh = await import("../../../../shared/access/caller.js");
  return fresh.callerOf;
}

const nothing = new Headers();
const bearing = (authorization: string) => new Headers({ authorization });

const assigned = (given: Partial<Assignment>): Assignment => ({ oid: OID, role: "Reader", ...given });
const person = (roles: string[], assignment?: Assignment) => personOf({ oid: OID, name: "Ada", roles }, assignment);
const everywhere = (role: string | null) => ({ groups: role, policies: role, tenant: role });

describe("the caller", () => {
  it("needs a token unless API_KEY_ROLE says what the function key alone may do", async () => {
    await expect(callerOf(nothing)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect((await freshCallerOf({ API_KEY_ROLE: "none" }))(nothing)).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it.each([
    ["Operator", everywhere("Operator")],
    ["Reader", everywhere("Reader")],
  ])("without a token has the role %s where API_KEY_ROLE says so", async (role, rights) => {
    const { actor, via } = await (await freshCallerOf({ API_KEY_ROLE: role }))(nothing);
    expect(actor).toMatchObject({ id: "function-key", rights, scopeTagIds: "all" });
    expect(via).toBe("key");
  });

  it.each(["Basic YWRhOng=", "Bearer", "Bearer  ", "token", ""])("with header %j is refused", async (header) => {
    await expect(callerOf(bearing(header))).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it.each(["Bearer Reader", "bearer Reader"])("with header %j is the person of the token", async (header) => {
    expect(await callerOf(bearing(header))).toEqual({
      actor: { id: OID, name: "Ada", rights: everywhere("Reader"), scopeTagIds: "all" },
      via: "token",
    });
  });

  it("has the role assigned here beside those of the token", async () => {
    await writeAssignment(assigned({ role: "Operator", scopeTagIds: ["4"] }));
    const { actor } = await callerOf(bearing("Bearer Reader"));
    expect(actor).toMatchObject({ rights: everywhere("Operator"), scopeTagIds: ["4"] });
  });
});

describe("a principal header", () => {
  const claims = (tid: string) => [
    { typ: "http://schemas.microsoft.com/identity/claims/objectidentifier", val: OID },
    { typ: "http://schemas.microsoft.com/identity/claims/tenantid", val: tid },
    { typ: "name", val: "Ada" },
    { typ: "roles", val: "Approver" },
  ];
  const header = (principal: unknown) =>
    new Headers({ "x-ms-client-principal": Buffer.from(JSON.stringify(principal)).toString("base64") });
  const principal = { auth_typ: "aad", name_typ: "name", role_typ: "roles", claims: claims("tenant") };

  it("is the person whom the platform has signed in, while the platform's authentication is on", async () => {
    const trusting = await freshCallerOf({ WEBSITE_AUTH_ENABLED: "True" });
    expect(await trusting(header(principal))).toEqual({
      actor: { id: OID, name: "Ada", rights: everywhere("Approver"), scopeTagIds: "all" },
      via: "session",
    });
  });

  it.each(["False", ""])("proves nobody where the platform says %j", async (enabled) => {
    const wary = await freshCallerOf({ WEBSITE_AUTH_ENABLED: enabled, API_KEY_ROLE: "Administrator" });
    await expect(wary(header(principal))).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it.each([
    ["another tenant", { ...principal, claims: claims("other") }],
    ["another provider", { ...principal, auth_typ: "github" }],
    ["nobody", { ...principal, claims: claims("tenant").slice(1) }],
    ["nothing", "text"],
  ])("of %s is refused", async (_what, given) => {
    const trusting = await freshCallerOf({ WEBSITE_AUTH_ENABLED: "True" });
    await expect(trusting(header(given))).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("the roles of a person", () => {
  it("count by the strongest", () => {
    expect(person(["Reader", "Approver", "Operator"]).rights).toEqual(everywhere("Approver"));
  });

  it("add up over each area", () => {
    expect(person(["WindowsAutopatchAdministrator", "ReadOnlyOperator"]).rights).toEqual({
      groups: "Administrator",
      policies: "Reader",
      tenant: "Administrator",
    });
  });

  it("may all come from an assignment", () => {
    expect(person([], assigned({ role: "Approver" })).rights).toEqual(everywhere("Approver"));
  });

  it("are never weakened by an assignment", () => {
    expect(person(["Administrator"], assigned({ role: "Reader" })).rights).toEqual(everywhere("Administrator"));
  });

  it("are all bound by the scope tags of an assignment", () => {
    expect(person(["Administrator"], assigned({ scopeTagIds: ["1", "2"] })).scopeTagIds).toEqual(["1", "2"]);
  });

  it.each([[[]], [["Mail.Send"]], [["reader"]]])("%j are none: refused, saying whom to ask for what", (roles) => {
    expect(() => person(roles)).toThrow(
      expect.objectContaining({
        code: "forbidden",
        message: expect.stringMatching(/Ada has no role.*Ask an administrator.*Reader/),
        details: expect.objectContaining({ person: { id: OID, name: "Ada" } }),
      }),
    );
  });
});
