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

/** The same after a start with this setting. */
async function freshCallerOf(role: string): Promise<typeof callerOf> {
  vi.resetModules();
  vi.stubEnv("API_KEY_ROLE", role);
  const fresh = await import("../../../../shared/access/caller.js");
  return fresh.callerOf;
}

const assigned = (given: Partial<Assignment>): Assignment => ({ oid: OID, role: "Reader", ...given });
const person = (roles: string[], assignment?: Assignment) => personOf({ oid: OID, name: "Ada", roles }, assignment);
const everywhere = (role: string | null) => ({ groups: role, policies: role, tenant: role });

describe("the caller", () => {
  it("without an Authorization header is the holder of the function key, who administers the tenant", async () => {
    expect(await callerOf(null)).toMatchObject({
      id: "function-key",
      rights: everywhere("Administrator"),
      scopeTagIds: "all",
    });
  });

  it.each([
    ["Operator", everywhere("Operator")],
    ["Reader", everywhere("Reader")],
  ])("without a token has the role %s where API_KEY_ROLE says so", async (role, rights) => {
    expect(await (await freshCallerOf(role))(null)).toMatchObject({ id: "function-key", rights });
  });

  it("needs a token where API_KEY_ROLE is none", async () => {
    await expect((await freshCallerOf("none"))(null)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it.each(["Basic YWRhOng=", "Bearer", "Bearer  ", "token", ""])("with header %j is refused", async (header) => {
    await expect(callerOf(header)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it.each(["Bearer Reader", "bearer Reader"])("with header %j is the person of the token", async (header) => {
    expect(await callerOf(header)).toEqual({
      id: OID,
      name: "Ada",
      rights: everywhere("Reader"),
      scopeTagIds: "all",
    });
  });

  it("has the role assigned here beside those of the token", async () => {
    await writeAssignment(assigned({ role: "Operator", scopeTagIds: ["4"] }));
    expect(await callerOf("Bearer Reader")).toMatchObject({ rights: everywhere("Operator"), scopeTagIds: ["4"] });
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
      }),
    );
  });
});
