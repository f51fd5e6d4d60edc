import { describe, expect, it } from "vitest";
import { areasOf } from "../../../../shared/access/areas.js";
import { grantSchema } from "../../../../shared/access/assignments.js";
import { BUILT_IN_ROLES, type RoleName } from "../../../../shared/access/built-in-roles.js";
import { type Actor, type Area, authorise, includes, type Role, rightsOf } from "../../../../shared/access/roles.js";
import { inScope, refuseForeignTags } from "../../../../shared/access/scope.js";

const ROLES: Role[] = ["Reader", "Operator", "Approver", "Administrator"];

const actor = (role: RoleName): Actor => ({ id: "1", name: "Ada", rights: BUILT_IN_ROLES[role], scopeTagIds: "all" });

function may(role: RoleName, needed: Role, area: Area): boolean {
  try {
    authorise(actor(role), needed, "do it", [area]);
    return true;
  } catch {
    return false;
  }
}

describe("the authoriser", () => {
  it.each(ROLES)("lets %s do what is asked of it and of weaker roles, and no more", (held) => {
    expect(ROLES.filter((needed) => may(held, needed, "groups"))).toEqual(ROLES.slice(0, ROLES.indexOf(held) + 1));
  });

  it("says what is needed, what is held and whom to ask", () => {
    expect(() => authorise(actor("HelpDeskOperator"), "Operator", "pause a release")).toThrow(
      expect.objectContaining({
        code: "forbidden",
        message:
          "Ada may not pause a release: that needs the role Operator for groups, and Ada has none. Ask an administrator for the role.",
        details: { areas: ["groups"], needed: "Operator", held: "none" },
      }),
    );
  });
});

describe("the built-in roles (autopatch.md §4.8)", () => {
  it.each([
    ["WindowsAutopatchAdministrator", "write", "none"],
    ["WindowsAutopatchReader", "read", "none"],
    ["PolicyAndProfileManager", "none", "write"],
    ["HelpDeskOperator", "none", "read"],
    ["ReadOnlyOperator", "none", "read"],
    ["IntuneServiceAdministrator", "write", "write"],
    ["GlobalAdministrator", "write", "write"],
    ["GlobalReader", "read", "read"],
    ["ServiceSupportAdministrator", "none", "none"],
    ["SecurityAdministrator", "none", "none"],
    ["SecurityReader", "none", "none"],
    ["BillingAdministrator", "none", "none"],
    ["HelpdeskAdministrator", "none", "none"],
  ] as const)("%s: groups %s, policies %s", (role, groups, policies) => {
    const access = (area: Area) =>
      may(role, "Administrator", area) ? "write" : may(role, "Reader", area) ? "read" : "none";
    expect([access("groups"), access("policies")]).toEqual([groups, policies]);
  });

  it.each(["ServiceSupportAdministrator", "SecurityReader", "BillingAdministrator"] as const)(
    "%s only reads tenant administration",
    (role) => {
      expect([may(role, "Reader", "tenant"), may(role, "Operator", "tenant")]).toEqual([true, false]);
    },
  );
});

it.each([
  ["PUT", "groups/{groupId}", ["groups"]],
  ["POST", "devices/assign-ring", ["groups"]],
  ["POST", "policy-health/check", ["policies"]],
  ["POST", "policy-alerts/{alertId}/restore", ["policies"]],
  ["GET", "policy-alerts", ["policies", "groups"]],
  ["GET", "tenant", ["tenant"]],
  ["PUT", "tenant/contacts/{contactId}", ["tenant"]],
  ["PUT", "roles/assignments/{oid}", ["tenant"]],
  ["GET", "messages", ["tenant"]],
  ["POST", "support-requests", ["tenant"]],
  ["POST", "webhooks/{webhookId}/test", ["tenant"]],
  ["PUT", "hotpatch/calendar/{month}", ["tenant"]],
  ["PUT", "hotpatch/default", ["tenant"]],
  ["GET", "hotpatch/report", ["groups"]],
])("%s %s is about %j", (method, path, areas) => {
  expect(areasOf(method, path)).toEqual(areas);
});

it("a role over one of the areas is enough", () => {
  const act = (role: RoleName) => () => authorise(actor(role), "Reader", "read alerts", ["policies", "groups"]);
  for (const role of ["WindowsAutopatchReader", "ReadOnlyOperator"] as const) expect(act(role)).not.toThrow();
  expect(act("SecurityReader")).toThrow("needs the role Reader for policies or groups, and Ada has none");
});

describe("rights include others", () => {
  it.each(ROLES)("when they are as strong everywhere: Administrator includes %s", (role) => {
    expect(includes(rightsOf("Administrator"), rightsOf(role))).toBe(true);
  });

  it("but not when one area is weaker", () => {
    expect(includes(BUILT_IN_ROLES.WindowsAutopatchAdministrator, BUILT_IN_ROLES.Reader)).toBe(false);
    expect(includes(BUILT_IN_ROLES.WindowsAutopatchAdministrator, BUILT_IN_ROLES.WindowsAutopatchReader)).toBe(true);
  });
});

describe("scope tags", () => {
  const scoped = { name: "Ada", scopeTagIds: ["1", "2"] };
  const free = { name: "Ada", scopeTagIds: "all" as const };

  it("show what carries one of them, and everything to who has no bounds", () => {
    expect(inScope(scoped, ["0", "2"])).toBe(true);
    expect(inScope(scoped, ["0"])).toBe(false);
    expect(inScope(scoped, [])).toBe(false);
    expect(inScope(free, ["0"])).toBe(true);
  });

  it("may all be given by who has them, and by who has no bounds", () => {
    expect(() => refuseForeignTags(scoped, ["2", "1"], "scopeTagIds")).not.toThrow();
    expect(() => refuseForeignTags(free, ["9"], "scopeTagIds")).not.toThrow();
  });

  it("may not be given by who lacks one; the field and his tags are named", () => {
    expect(() => refuseForeignTags(scoped, ["1", "9"], "definition.scopeTagIds")).toThrow(
      expect.objectContaining({
        code: "forbidden",
        field: "definition.scopeTagIds",
        details: { rule: "own scope tags only", limit: ["1", "2"] },
      }),
    );
  });
});

it("a scoped admin may leave the tags of others on what he edits, and neither add nor remove one", () => {
  const edit = (tags: string[]) => () =>
    refuseForeignTags({ name: "Ada", scopeTagIds: ["1"] }, tags, "scopeTagIds", ["0", "1"]);
  for (const tags of [["0", "1"], ["0"]]) expect(edit(tags)).not.toThrow();
  for (const tags of [["1"], ["0", "1", "2"]]) expect(edit(tags)).toThrow("may not give or take");
});

describe("an assignment", () => {
  const tags = (count: number) => Array.from({ length: count }, (_, index) => String(index));
  const accepted = (grant: unknown) => grantSchema.safeParse(grant).success;

  it("takes 1 to 100 scope tags", () => {
    expect([0, 1, 100, 101].map((count) => accepted({ role: "Reader", scopeTagIds: tags(count) }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("needs a known role and nothing unknown", () => {
    expect(accepted({ role: "GlobalReader" })).toBe(true);
    for (const grant of [{}, { role: "Owner" }, { role: "Reader", oid: "x" }, { role: "Reader", scopeTagIds: ["red"] }])
      expect(accepted(grant)).toBe(false);
  });
});
