import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, items, TestTenant } from "./support.js";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-11T18:00:00Z", persist: true });
});
afterEach(() => test.discard());

/** A second tenant on the same journal, as after kill -9: the first was never told to stop. */
async function again(): Promise<void> {
  const killed = test;
  test = await TestTenant.start({ at: new Date(killed.clock.now()).toISOString(), persist: true, dir: killed.dir });
  await killed.stop();
}

async function offeredDevice(): Promise<void> {
  test.devices(1);
  const group = await test.group("ring", [device(0).objectId]);
  test.pass(31);
  const { policy } = await test.policy([group]);
  await test.approve(policy, "2024.06 B");
}

describe("a tenant that was killed", () => {
  it("offers devices the same as before, since the same instant", async () => {
    await offeredDevice();
    const before = test.tenant.view(device(0).deviceId);
    test.pass(3600);
    await again();
    expect(before.offer).toBeDefined();
    expect(test.tenant.view(device(0).deviceId)).toEqual(before);
  });

  it("cuts off a torn last line and goes on writing", async () => {
    await test.group("kept");
    appendFileSync(join(test.dir, "tenant.jsonl"), '[["set","groups",{"id":"half');
    await again();
    await test.group("later");
    await again();
    expect(items(await test.get("/v1.0/groups")).map((group) => group.displayName)).toEqual(["kept", "later"]);
  });

  it("applies a change whole or not at all", async () => {
    await offeredDevice();
    const file = join(test.dir, "tenant.jsonl");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/policyApprovals.*qualityOfferTimes|qualityOfferTimes.*policyApprovals/);
    writeFileSync(file, `${lines.slice(0, -1).join("\n")}\n`);
    await again();
    expect(test.tenant.view(device(0).deviceId)).toEqual({});
  });

  it("never hands out an id a second time", async () => {
    const first = await test.group("first");
    await test.call("DELETE", `/v1.0/groups/${first}`);
    await again();
    expect(await test.group("second")).not.toBe(first);
  });

  it("refuses delta links of before with 410", async () => {
    const { json } = await test.get("/v1.0/groups/delta?$deltatoken=latest");
    const { pathname, search } = new URL(String(json["@odata.deltaLink"]));
    await again();
    expect((await test.get(new URL(pathname + search, test.tenant.graphUrl).href)).status).toBe(410);
  });

  it("keeps certificates and tokens valid", async () => {
    const before = readFileSync(test.tenant.caFile, "utf8");
    await again();
    expect(readFileSync(test.tenant.caFile, "utf8")).toBe(before);
  });

  it("starts empty when it does not persist", async () => {
    await test.group("kept");
    const other = await TestTenant.start({ persist: false, dir: test.dir });
    expect(items(await other.get("/v1.0/groups"))).toEqual([]);
    await other.stop();
  });
});
