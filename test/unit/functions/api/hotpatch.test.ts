import { beforeEach, describe, expect, it, vi } from "vitest";
import { apiInMemory, reset } from "../../../support/api-in-memory.js";

vi.mock("../../../../shared/graph/client.js", () => ({ graphClient: () => ({}), tenantManagementGraph: () => ({}) }));
const api = apiInMemory();
const { call, noted } = api;
await import("../../../../functions/api/hotpatch.js");

const now = new Date();
/** The next hotpatch month, whatever the day: two months behind each baseline come two of them. */
const month = [1, 2, 3]
  .map((ahead) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString().slice(0, 7))
  .find((each) => Number(each.slice(5)) % 3 !== 1);
const params = { month: String(month) };
const body = { justification: "Microsoft announced it." };
const baselineMonth = { month: `${now.getUTCFullYear() + 1}-01` };

beforeEach(() => reset(api));

describe("an unplanned baseline", () => {
  it("is entered by administrators only", async () => {
    api.role = "Approver";
    expect((await call("hotpatchCalendarPut", { params, body })).status).toBe(403);
    expect((await call("hotpatchCalendarGet", { params })).body.kind).toBe("hotpatch");
  });

  it.each([
    ["a month that is none", { month: "2026-13" }, body, 400],
    ["a month that is a baseline anyway", baselineMonth, body, 422],
    ["no justification", params, {}, 400],
    ["an article that is none", params, { ...body, kb: "5094126" }, 400],
    ["an unknown field", params, { ...body, kind: "hotpatch" }, 400],
  ])("with %s is refused, and nothing is entered", async (_what, given, sent, status) => {
    const refused = await call("hotpatchCalendarPut", { params: given, body: sent });
    expect([refused.status, noted]).toEqual([status, ["api.refuse"]]);
    expect((await call("hotpatchCalendarGet", { params })).body.unplanned).toBeNull();
  });

  it("that there is not cannot be removed", async () => {
    expect((await call("hotpatchCalendarDelete", { params })).status).toBe(404);
  });

  it("is changed and removed by whoever saw it as it is", async () => {
    const read = async () => ({
      "if-match": (await call("hotpatchCalendarGet", { params })).headers.get("etag") ?? "",
    });
    const unseen = await read();
    expect((await call("hotpatchCalendarPut", { params, body, headers: unseen })).status).toBe(200);
    const again = { justification: "Microsoft announced it again." };
    expect((await call("hotpatchCalendarPut", { params, body: again, headers: unseen })).status).toBe(412);
    expect((await call("hotpatchCalendarDelete", { params, headers: unseen })).status).toBe(412);
    expect((await call("hotpatchCalendarPut", { params, body: again, headers: await read() })).status).toBe(200);
    expect((await call("hotpatchCalendarDelete", { params, headers: await read() })).status).toBe(204);
    const done = noted.filter((action) => action !== "api.refuse");
    expect(done).toEqual(["hotpatch.enterBaseline", "hotpatch.enterBaseline", "hotpatch.removeBaseline"]);
  });

  it("is not entered while the audit log cannot be written", async () => {
    api.logIsDown = true;
    expect((await call("hotpatchCalendarPut", { params, body })).status).toBe(503);
    expect((await call("hotpatchCalendarGet", { params })).body.unplanned).toBeNull();
  });
});

describe("the tenant's default", () => {
  it("is Microsoft's until an administrator enters another", async () => {
    expect((await call("hotpatchDefaultGet")).body).toMatchObject({ hotpatch: true, inForce: true, changedBy: null });
    await call("hotpatchDefaultPut", { body: { hotpatch: false, justification: "Not yet." } });
    expect((await call("hotpatchDefaultGet")).body).toMatchObject({
      hotpatch: false,
      inForce: false,
      changedBy: "Ada",
    });
    expect(noted).toEqual(["hotpatch.setDefault"]);
  });

  it("is changed only by whoever saw it as it is", async () => {
    const headers = { "if-match": (await call("hotpatchDefaultGet")).headers.get("etag") ?? "" };
    expect((await call("hotpatchDefaultPut", { body: { hotpatch: false }, headers })).status).toBe(200);
    expect((await call("hotpatchDefaultPut", { body: { hotpatch: true }, headers })).status).toBe(412);
  });

  it("was not in force before May 2026", async () => {
    const { tenantDefault } = await import("../../../../shared/hotpatch/tenant-default.js");
    const at = (text: string) => tenantDefault(undefined, Date.parse(text)).inForce;
    expect([at("2026-05-10T23:59:59Z"), at("2026-05-11T00:00:00Z")]).toEqual([false, true]);
  });
});
