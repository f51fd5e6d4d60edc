import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DriverPolicy } from "../../../../shared/drivers/policies.js";
import type { DriverAction, InventoryDriver } from "../../../../shared/graph/driver-inventories.js";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { groupSchema } from "../../../../shared/groups/group.js";
import { apiInMemory, reset } from "../../../support/api-in-memory.js";
import { inventoryDriver } from "../../../support/driver-inventory.js";

/** Inventories by ring: what Graph would have. */
const inventories = new Map<string, InventoryDriver[]>();
vi.mock("../../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../../shared/drivers/policies.js", () => ({
  readDriverPolicies: async (): Promise<DriverPolicy[]> =>
    [...inventories].map(([ring, drivers]) => ({
      ...{ ring, drivers, policyId: ring, name: ring, approval: "manual", deferralDays: null },
    })),
}));
vi.mock("../../../../shared/graph/driver-inventories.js", async (original) => ({
  ...(await original<object>()),
  decideDrivers: async (_graph: unknown, ring: string, { action, ids }: { action: DriverAction; ids: string[] }) => {
    const approvalStatus = action === "approve" ? "approved" : action === "decline" ? "declined" : "suspended";
    const before = inventories.get(ring) ?? [];
    inventories.set(
      ring,
      before.map((driver) => (ids.includes(driver.id) ? { ...driver, approvalStatus } : driver)),
    );
    return new Map(ids.map((id) => [id, "changed"]));
  },
}));
const api = apiInMemory();
const { call, noted } = api;
await import("../../../../functions/api/drivers.js");
const { writeGroup } = await import("../../../../shared/groups/store.js");

const params = { groupId: "sales" };
const body = { action: "approve", driverIds: ["aa"] };
const idsOf = (reply: { body: Readonly<Record<string, unknown>> }) =>
  (reply.body.value as { id: string }[]).map(({ id }) => id);

beforeEach(async () => {
  reset(api);
  const definition = groupSchema.parse(defaultGroup("Sales"));
  await writeGroup({ id: "sales", definition, status: "active", bindings: {} });
  inventories.clear();
  inventories.set("Test", [
    inventoryDriver({ id: "aa_1", releaseDateTime: "2024-05-01T00:00:00Z" }),
    inventoryDriver({ id: "bb_1", approvalStatus: "approved", category: "other" }),
  ]);
  inventories.set("Ring1", [inventoryDriver({ id: "aa_2", approvalStatus: "declined" })]);
});

describe("the list of drivers", () => {
  it("has the newest first, page after page", async () => {
    const first = await call("driversList", { params, query: { top: "1" } });
    expect(idsOf(first)).toEqual(["bb"]);
    const { searchParams } = new URL(String(first.body.nextLink), "http://app");
    expect(idsOf(await call("driversList", { params, query: Object.fromEntries(searchParams) }))).toEqual(["aa"]);
  });

  it.each([
    [{ status: "Approved" }, ["bb"]],
    [{ status: "Declined" }, ["aa"]],
    [{ status: "Declined", ring: "Test" }, []],
    [{ category: "recommended" }, ["aa"]],
    [{ status: "Approved", category: "recommended" }, []],
    [{ ring: "Ring1" }, ["aa"]],
  ])("is filtered by %j", async (query, expected) => {
    expect(idsOf(await call("driversList", { params, query }))).toEqual(expected);
  });

  it("refuses a status that there is not", async () => {
    expect((await call("driversList", { params, query: { status: "approved" } })).status).toBe(400);
  });

  it("is not there for a group that is not", async () => {
    expect((await call("driversList", { params: { groupId: "gone" } })).status).toBe(404);
  });
});

it("a driver that no device needs is not found", async () => {
  expect((await call("driversGet", { params: { ...params, driverId: "aa" } })).status).toBe(200);
  expect((await call("driversGet", { params: { ...params, driverId: "zz" } })).status).toBe(404);
});

describe("a decision", () => {
  it("is refused where somebody else has decided meanwhile, and nothing is changed", async () => {
    const etag = (await call("driverPoliciesGet", { params })).headers.get("etag") ?? "";
    const headers = { "if-match": etag };
    expect((await call("driversDecide", { params, headers, body: { ...body, ring: "Test" } })).status).toBe(200);
    expect((await call("driversDecide", { params, headers, body })).status).toBe(412);
    expect(inventories.get("Ring1")?.[0]?.approvalStatus).toBe("declined");
  });

  it("is in the audit log before the tenant has it", async () => {
    api.logIsDown = true;
    expect((await call("driversDecide", { params, body })).status).toBe(503);
    expect(inventories.get("Test")?.[0]?.approvalStatus).toBe("needsReview");
    api.logIsDown = false;
    expect((await call("driversDecide", { params, body })).status).toBe(200);
    expect(noted).toContain("driver.approve");
  });

  it("says what became of each driver in each ring", async () => {
    const { body: answer } = await call("driversDecide", { params, body });
    expect(answer).toEqual({
      action: "approve",
      value: [
        { driverId: "aa", ring: "Test", before: "Needs review", status: "Approved", outcome: "changed" },
        { driverId: "aa", ring: "Ring1", before: "Declined", status: "Approved", outcome: "changed" },
      ],
    });
  });

  it.each(["Ring3", "Nowhere"])("for ring %s, which has no policy, is refused", async (ring) => {
    const { status, body: problem } = await call("driversDecide", { params, body: { ...body, ring } });
    expect(status).toBe(422);
    expect(String(problem.detail)).toContain(`ring: there are no drivers of ring ${ring}`);
  });

  it.each(["WindowsAutopatchReader"] as const)("needs more than %s", async (role) => {
    api.role = role;
    expect((await call("driversDecide", { params, body })).status).toBe(403);
    expect((await call("driversList", { params })).status).toBe(200);
  });
});
