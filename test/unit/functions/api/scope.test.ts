import { describe, expect, it, vi } from "vitest";
import { type Actor, rightsOf } from "../../../../shared/access/roles.js";
import type { Approval } from "../../../../shared/approvals/store.js";

const groups = [
  { id: "mine", definition: { scopeTagIds: ["0", "7"] } },
  { id: "foreign", definition: { scopeTagIds: ["0"] } },
];
const of = (id: string) => ({ id, groupId: id.split("-")[0] ?? "" });
vi.mock("../../../../shared/groups/store.js", () => ({
  listGroups: async () => groups,
  findGroup: async (id: string) => {
    const body = groups.find((group) => group.id === id);
    return body && { body };
  },
}));
vi.mock("../../../../shared/releases/store.js", () => ({
  readRelease: async (id: string) => of(id),
  listReleases: async () => [of("mine-1"), of("foreign-1")],
}));
vi.mock("../../../../shared/registration/store.js", () => ({
  readDevice: async (id: string) => ({ ...of(id), ...(id === "loose" ? { groupId: null } : {}) }),
}));
vi.mock("../../../../shared/policies/alerts.js", () => ({
  readAlert: async (id: string) => ({ ...of(id), ...(id === "everywhere" ? { groupId: null } : {}) }),
}));
vi.mock("../../../../shared/approvals/store.js", () => ({
  readApproval: async (id: string) => ({
    body: { question: id.startsWith("expedite ") ? { expediteId: id.slice(9) } : { releaseId: id } },
  }),
}));
const expedite = (id: string) => ({ id, groupIds: id.split("+") });
vi.mock("../../../../shared/expedites/store.js", () => ({
  readExpedite: async (id: string) => expedite(id),
  listExpedites: async () => [expedite("mine"), expedite("mine+foreign")],
}));

const { approvalsWithinScope, refuseOutOfScope, refuseTenantWide, withinScope } = await import(
  "../../../../functions/api/scope.js"
);

const actor = (scopeTagIds: Actor["scopeTagIds"]): Actor => ({
  id: "1",
  name: "Ada",
  rights: rightsOf("Administrator"),
  scopeTagIds,
});
const ada = actor(["7"]);

describe("to a scoped admin a path", () => {
  it.each([
    [{}],
    [{ groupId: "mine" }],
    [{ groupId: "new" }],
    [{ releaseId: "mine-1" }],
    [{ releaseId: "mine-1", deviceId: "foreign-d" }],
    [{ approvalId: "mine-1" }],
    [{ expediteId: "mine" }],
    [{ approvalId: "expedite mine" }],
    [{ deviceId: "mine-d" }],
    [{ alertId: "mine-a" }],
  ])("with %j is open", async (params) => {
    await refuseOutOfScope(ada, params);
  });

  it.each([
    ["groupId", "foreign"],
    ["releaseId", "foreign-1"],
    ["releaseId", "lost-1"],
    ["approvalId", "foreign-1"],
    ["expediteId", "mine+foreign"],
    ["approvalId", "expedite mine+foreign"],
    ["deviceId", "foreign-d"],
    ["deviceId", "loose"],
    ["alertId", "foreign-a"],
    ["alertId", "everywhere"],
  ])("with %s %s leads nowhere", async (field, id) => {
    await expect(refuseOutOfScope(ada, { [field]: id })).rejects.toMatchObject({ code: "not_found", field });
  });

  it("of a foreign group is open to who has no bounds", async () => {
    await refuseOutOfScope(actor("all"), { groupId: "foreign" });
  });
});

describe("what concerns the whole tenant", () => {
  const call = (who: Actor, method: string, path: string) => () =>
    refuseTenantWide(who, { method, path, act: "do it" });

  it.each([
    ["POST", "tenant/unenrol"],
    ["DELETE", "tenant/assessment"],
    ["PUT", "roles/assignments/{oid}"],
    ["POST", "webhooks"],
  ])("%s %s is not for scoped admins, others may", (method, path) => {
    expect(call(ada, method, path)).toThrow(expect.objectContaining({ code: "forbidden" }));
    expect(call(actor("all"), method, path)).not.toThrow();
  });

  it.each([
    ["GET", "tenant"],
    ["POST", "tenant/contacts"],
    ["PUT", "tenant/contacts/{contactId}"],
    ["POST", "messages/{messageId}/send-again"],
    ["POST", "support-requests"],
    ["PUT", "groups/{groupId}"],
    ["POST", "policy-alerts/{alertId}/restore"],
  ])("%s %s is theirs too", (method, path) => {
    expect(call(ada, method, path)).not.toThrow();
  });
});

describe("in lists a scoped admin finds", () => {
  const items = ["mine", "foreign", "lost", null].map((groupId) => ({ groupId }));

  it("what belongs to his groups, others find everything", async () => {
    expect(await withinScope(ada, items)).toEqual([{ groupId: "mine" }]);
    expect(await withinScope(actor("all"), items)).toEqual(items);
  });

  it("the approvals of his groups' releases", async () => {
    const approvals = ["mine-1", "foreign-1"].map((releaseId) => ({ question: { releaseId } }) as Approval);
    expect(await approvalsWithinScope(ada, approvals)).toEqual(approvals.slice(0, 1));
    expect(await approvalsWithinScope(actor("all"), approvals)).toEqual(approvals);
  });

  it("expedites all of whose groups are his, and the questions about them", async () => {
    const approvals = ["mine", "mine+foreign"].map((expediteId) => ({ question: { expediteId } }) as Approval);
    expect(await approvalsWithinScope(ada, approvals)).toEqual(approvals.slice(0, 1));
  });
});
