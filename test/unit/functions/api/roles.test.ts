import { beforeEach, describe, expect, it } from "vitest";
import type { Assignment } from "../../../../shared/access/assignments.js";
import { apiInMemory, reset } from "../../../support/api-in-memory.js";

const api = apiInMemory();
const { call, noted } = api;
await import("../../../../functions/api/roles.js");
const { findAssignment, writeAssignment } = await import("../../../../shared/access/assignments.js");

const OID = "0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d6e";
const params = { oid: OID };
const assign = async (role: Assignment["role"]) => writeAssignment({ oid: OID, role }, await findAssignment(OID));
const present = async () => (await findAssignment(OID))?.body.role;

beforeEach(() => reset(api));

describe("a role assignment", () => {
  it("that there is not is none that the caller saw", async () => {
    const headers = { "if-match": "*" };
    expect((await call("roleAssignmentsPut", { params, headers, body: { role: "Reader" } })).status).toBe(412);
    expect([await present(), noted]).toEqual([undefined, ["api.refuse"]]);
  });

  it("is given, given anew and taken away", async () => {
    expect((await call("roleAssignmentsPut", { params, body: { role: "Reader" } })).status).toBe(201);
    expect((await call("roleAssignmentsPut", { params, body: { role: "Operator" } })).status).toBe(200);
    expect(await present()).toBe("Operator");
    expect((await call("roleAssignmentsDelete", { params })).status).toBe(204);
    expect([await present(), noted]).toEqual([undefined, ["role.assign", "role.assign", "role.remove"]]);
  });

  it.each([
    ["roleAssignmentsPut", "WindowsAutopatchReader"],
    ["roleAssignmentsDelete", "WindowsAutopatchReader"],
    ["roleAssignmentsPut", undefined],
  ] as const)("%s: one of %s that has become more than the caller may give stays", async (operation, before) => {
    api.role = "WindowsAutopatchAdministrator";
    if (before !== undefined) await assign(before);
    api.afterReading = () => assign("GlobalAdministrator");
    const body = operation === "roleAssignmentsPut" ? { role: "WindowsAutopatchReader" } : undefined;
    const { status } = await call(operation, { params, body });
    expect([status, await present(), noted]).toEqual([412, "GlobalAdministrator", ["api.refuse"]]);
  });
});
