import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Assignment } from "../../../../shared/access/assignments.js";
import { type BUILT_IN_ROLES, rightsByName } from "../../../../shared/access/built-in-roles.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { operationCalls } from "../../../support/operation-calls.js";

let stored = new MemoryTable();
let afterReading: (() => Promise<void>) | undefined;
/** Somebody else writes between what a call reads and what it writes. */
const contested = {
  get: async (...key: Parameters<MemoryTable["get"]>) => {
    const row = await stored.get(...key);
    const other = afterReading;
    afterReading = undefined;
    await other?.();
    return row;
  },
  page: (...asked: Parameters<MemoryTable["page"]>) => stored.page(...asked),
  commit: (...change: Parameters<MemoryTable["commit"]>) => stored.commit(...change),
};
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => contested }));
vi.mock("../../../../shared/tenant/state.js", () => ({ requireActiveTenant: async () => undefined }));
const noted = vi.hoisted(() => ({ actions: [] as string[] }));
vi.mock("../../../../shared/audit/audit.js", () => ({
  audit: async ({ action }: { action: string }) => noted.actions.push(action),
}));
let caller: keyof typeof BUILT_IN_ROLES = "GlobalAdministrator";
vi.mock("../../../../shared/access/caller.js", () => ({
  callerOf: async () => ({
    actor: { id: "ada", name: "Ada", rights: rightsByName([caller])[0], scopeTagIds: "all" },
    via: "token",
  }),
}));
const call = operationCalls();
await import("../../../../functions/api/roles.js");
const { findAssignment, writeAssignment } = await import("../../../../shared/access/assignments.js");

const OID = "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6e";
const params = { oid: OID };
const assign = async (role: Assignment["role"]) => writeAssignment({ oid: OID, role }, await findAssignment(OID));
const present = async () => (await findAssignment(OID))?.body.role;

beforeEach(() => {
  stored = new MemoryTable();
  afterReading = undefined;
  noted.actions = [];
  caller = "GlobalAdministrator";
});

describe("a role assignment", () => {
  it("that there is not is none that the caller saw", async () => {
    const headers = { "if-match": "*" };
    expect((await call("roleAssignmentsPut", { params, headers, body: { role: "Reader" } })).status).toBe(412);
    expect([await present(), noted.actions]).toEqual([undefined, ["api.refuse"]]);
  });

  it("is given, given anew and taken away", async () => {
    expect((await call("roleAssignmentsPut", { params, body: { role: "Reader" } })).status).toBe(201);
    expect((await call("roleAssignmentsPut", { params, body: { role: "Operator" } })).status).toBe(200);
    expect(await present()).toBe("Operator");
    expect((await call("roleAssignmentsDelete", { params })).status).toBe(204);
    expect([await present(), noted.actions]).toEqual([undefined, ["role.assign", "role.assign", "role.remove"]]);
  });

  it.each([
    ["roleAssignmentsPut", "WindowsAutopatchReader"],
    ["roleAssignmentsDelete", "WindowsAutopatchReader"],
    ["roleAssignmentsPut", undefined],
  ] as const)("%s: one of %s that has become more than the caller may give stays", async (operation, before) => {
    caller = "WindowsAutopatchAdministrator";
    if (before !== undefined) await assign(before);
    afterReading = () => assign("GlobalAdministrator");
    const body = operation === "roleAssignmentsPut" ? { role: "WindowsAutopatchReader" } : undefined;
    const { status } = await call(operation, { params, body });
    expect([status, await present(), noted.actions]).toEqual([412, "GlobalAdministrator", ["api.refuse"]]);
  });
});
