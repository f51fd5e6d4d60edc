import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf, groupBody, INTUNE, items, TestTenant, UPDATES } from "./support.js";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start();
});
afterEach(() => test.discard());

async function groupNames(): Promise<unknown[]> {
  test.tenant.faults.clear();
  return items(await test.get("/v1.0/groups")).map(({ displayName }) => displayName);
}

describe("faults that can be switched on", () => {
  it("throttles before anything happens", async () => {
    test.tenant.faults.set({ throttle: { rate: 1, retryAfterSeconds: 7 } });
    const answer = await test.post("/v1.0/groups", groupBody("throttled"));
    expect([answer.status, errorOf(answer).code]).toEqual([429, "TooManyRequests"]);
    expect(await groupNames()).toEqual([]);
  });

  it("names the wait in seconds or as a date", async () => {
    test.tenant.faults.set({ throttle: { rate: 1, retryAfterSeconds: 7 } });
    const waits: string[] = [];
    for (let nth = 0; nth < 20; nth++) waits.push((await test.get("/v1.0/groups")).headers["retry-after"] ?? "");
    expect(waits).toContain("7");
    expect(waits.some((wait) => wait !== "7" && !Number.isNaN(Date.parse(wait)))).toBe(true);
  });

  it("throttles the given share of requests, the same ones for the same seed", async () => {
    const statuses = async (tenant: TestTenant) => {
      tenant.tenant.faults.set({ throttle: { rate: 0.3, retryAfterSeconds: 1 } });
      const seen: number[] = [];
      for (let nth = 0; nth < 60; nth++) seen.push((await tenant.get("/v1.0/organization")).status);
      return seen;
    };
    const twin = await TestTenant.start();
    const first = await statuses(test);
    expect(await statuses(twin)).toEqual(first);
    const throttled = first.filter((status) => status === 429).length;
    expect(throttled).toBeGreaterThan(6);
    expect(throttled).toBeLessThan(36);
    await twin.discard();
  });

  it("answers 503 or 504 after the write was applied", async () => {
    test.tenant.faults.set({ unavailableAfterWrite: 1 });
    const answer = await test.post("/v1.0/groups", groupBody("written"));
    expect([503, 504]).toContain(answer.status);
    expect(await groupNames()).toEqual(["written"]);
  });

  it("cuts the connection after the write was applied", async () => {
    test.tenant.faults.set({ resetAfterWrite: 1 });
    await expect(test.post("/v1.0/groups", groupBody("written"))).rejects.toThrow();
    expect(await groupNames()).toEqual(["written"]);
  });

  it("repeats items of one page on the next", async () => {
    test.devices(10);
    test.tenant.faults.set({ repeatItems: 1 });
    const first = await test.get("/v1.0/devices?$top=5");
    const second = await test.get(String(first.json["@odata.nextLink"]));
    const ids = [...items(first), ...items(second)].map(({ id }) => id);
    expect(new Set(ids).size).toBeLessThan(ids.length);
  });

  it("cuts the JSON text", async () => {
    test.tenant.faults.set({ truncatedJson: 1 });
    const { text } = await test.get("/v1.0/organization");
    expect(() => JSON.parse(text)).toThrow();
  });

  it("forbids the group model and nothing else", async () => {
    test.tenant.faults.set({ groupModel: "forbidden" });
    expect((await test.get(`${UPDATES}/policies`)).status).toBe(403);
    expect((await test.get(`${INTUNE}/windowsQualityUpdatePolicies`)).status).toBe(200);
  });

  it("shows a write to readers only after the read delay", async () => {
    test.tenant.faults.set({ readDelaySeconds: 5 });
    const { json } = await test.post("/v1.0/groups", groupBody("late"));
    expect((await test.get(`/v1.0/groups/${json.id}`)).status).toBe(404);
    test.pass(5);
    expect((await test.get(`/v1.0/groups/${json.id}`)).status).toBe(200);
  });
});

describe("activity", () => {
  it("grows with every request and is quiet in between", async () => {
    const before = test.tenant.activity();
    await test.get("/v1.0/organization");
    expect([test.tenant.activity() - before, test.tenant.isQuiet()]).toEqual([1, true]);
  });
});
