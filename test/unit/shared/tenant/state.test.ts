import { beforeEach, describe, expect, it, vi } from "vitest";
import { NEW_TENANT, type TenantState } from "../../../../shared/tenant/schema.js";
import { MemoryTables, time } from "./memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));

const tenant = await import("../../../../shared/tenant/state.js");

beforeEach(() => {
  tables.clear();
  // What was read in the test before is too old now.
  time.now += 120_000;
});

const enrolled: TenantState = { ...NEW_TENANT, enrolment: "enrolled" };
const inactive: TenantState = {
  ...enrolled,
  status: "Inactive",
  reasons: [{ action: "Maintain tenant access: Licenses", message: "Renew it." }],
};

function refusal(state: TenantState): unknown {
  try {
    tenant.refuseInactive(state);
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe("the state of the tenant", () => {
  it("begins as never enrolled", async () => {
    expect(await tenant.tenantState()).toEqual(NEW_TENANT);
  });

  it("is known at once where it was changed", async () => {
    await tenant.tenantState();
    await tenant.changeTenant(() => enrolled);
    expect(await tenant.tenantState()).toEqual(enrolled);
  });

  it("is read once within 60 s of domain time, and again after", async () => {
    const get = vi.spyOn(tables.of("Tenant"), "get");
    await Promise.all([tenant.tenantState(), tenant.tenantState()]);
    time.now += 59_999;
    await tenant.tenantState();
    expect(get).toHaveBeenCalledTimes(1);
    time.now += 1;
    await tenant.tenantState();
    expect(get).toHaveBeenCalledTimes(2);
  });

  it("that could not be read is read again by the next who asks", async () => {
    vi.spyOn(tables.of("Tenant"), "get").mockRejectedValueOnce(new Error("away"));
    await expect(tenant.tenantState()).rejects.toThrow("away");
    expect(await tenant.tenantState()).toEqual(NEW_TENANT);
  });

  it("keeps both of two changes at once", async () => {
    await tenant.changeTenant(() => enrolled);
    await Promise.all([
      tenant.changeTenant((state) => ({ ...state, enrolledAt: "2024-06-10" })),
      tenant.changeTenant((state) => ({ ...state, checkedAt: "2024-06-11" })),
    ]);
    expect(await tenant.changeTenant((state) => state)).toMatchObject({
      enrolledAt: "2024-06-10",
      checkedAt: "2024-06-11",
    });
  });

  it("is not written when nothing changes", async () => {
    const commit = vi.spyOn(tables.of("Tenant"), "commit");
    await tenant.changeTenant((state) => state);
    expect(commit).not.toHaveBeenCalled();
  });
});

describe("what an inactive tenant refuses", () => {
  it.each([
    ["never enrolled", NEW_TENANT, "not_enrolled"],
    ["enrolled and Active", enrolled, undefined],
    ["enrolled and Inactive", inactive, "tenant_inactive"],
    ["leaving", { ...enrolled, enrolment: "leaving" } as const, "not_enrolled"],
    ["gone", { ...enrolled, enrolment: "left" } as const, "not_enrolled"],
  ])("a tenant %s", (_what, state, code) => {
    expect(refusal(state)).toBe(code);
  });

  it("the refusal names the open action and what to do", () => {
    expect(() => tenant.refuseInactive(inactive)).toThrow(/Maintain tenant access: Licenses.*Renew it\./);
  });
});
