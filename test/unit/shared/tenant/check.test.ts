import { beforeEach, describe, expect, it, vi } from "vitest";
import { auditEntries } from "../../../../shared/audit/audit.js";
import { AppError } from "../../../../shared/errors.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import { NEW_TENANT } from "../../../../shared/tenant/schema.js";
import { answering, MemoryTables, PERMITTED, time } from "./memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
let graph: Graph & { readonly reads: string[] };
const renewSignIn = vi.fn();
vi.mock("../../../../shared/graph/client.js", () => ({ tenantManagementGraph: () => graph, renewSignIn }));

const { checkTenant } = await import("../../../../shared/tenant/check.js");
const { changeTenant, tenantState } = await import("../../../../shared/tenant/state.js");

const unlicensed = () => answering({ ...PERMITTED, "/subscribedSkus": [] });
const HOUR = 3_600_000;
const check = (asked?: boolean) => checkTenant(time.now, asked);

async function audited(): Promise<string[]> {
  const actions = [];
  for await (const { body } of auditEntries(new Date(time.now).toISOString().slice(0, 7))) actions.push(body.action);
  return actions;
}

beforeEach(async () => {
  tables.clear();
  time.now = Date.parse("2024-06-10T12:00:00Z");
  graph = answering(PERMITTED);
  await changeTenant(() => ({ ...NEW_TENANT, enrolment: "enrolled", checkedAt: new Date(time.now).toISOString() }));
});

describe("checking the tenant", () => {
  it("makes it Inactive when the licence is lost, with the reason, and Active again when it is back", async () => {
    graph = unlicensed();
    expect(await check()).toMatchObject({
      status: "Inactive",
      reasons: [{ action: "Maintain tenant access: Licenses" }],
    });
    graph = answering(PERMITTED);
    expect(await check()).toMatchObject({ status: "Active", reasons: [] });
    expect(await audited()).toEqual(["tenant.inactivate", "tenant.reactivate"]);
  });

  it("costs one call and leaves storage alone while nothing changes", async () => {
    const commit = vi.spyOn(tables.of("Tenant"), "commit");
    const get = vi.spyOn(tables.of("Tenant"), "get");
    time.now += 4 * HOUR;
    await check();
    expect(graph.reads).toHaveLength(1);
    expect(commit).not.toHaveBeenCalled();
    expect(get).not.toHaveBeenCalled();
  });

  it.each([
    ["a day after the last time", 24 * HOUR, false],
    ["when it is asked to", HOUR, true],
  ])("looks thoroughly, with a new sign-in, %s", async (_when, later, asked) => {
    time.now += later;
    expect((await check(asked)).checkedAt).toBe(new Date(time.now).toISOString());
    expect(graph.reads.length).toBeGreaterThan(1);
    expect(renewSignIn).toHaveBeenCalled();
  });

  it("leaves the status alone while Graph is away", async () => {
    graph = answering({ "/subscribedSkus": new AppError("unavailable", "Away.") });
    await expect(check()).rejects.toMatchObject({ code: "unavailable" });
    expect((await tenantState()).status).toBe("Active");
  });

  it("does not look at a tenant that is not enrolled", async () => {
    await changeTenant(() => NEW_TENANT);
    await check(true);
    expect(graph.reads).toEqual([]);
  });

  it("does not revive a tenant that leaves meanwhile", async () => {
    await changeTenant((state) => ({ ...state, status: "Inactive", reasons: [] }));
    const list = graph.list;
    graph.list = async (path, options) => {
      await changeTenant((state) => ({ ...state, enrolment: "leaving" }));
      return list(path, options);
    };
    expect(await check()).toMatchObject({ enrolment: "leaving", status: "Inactive" });
  });
});
