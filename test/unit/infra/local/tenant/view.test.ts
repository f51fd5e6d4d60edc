import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { items, TestTenant, UPDATES } from "./support.js";

const POLICY = "#microsoft.graph.windowsUpdates.qualityUpdatePolicy";
const RING = "#microsoft.graph.windowsUpdates.qualityUpdateRing";
const B = "2024-06-11T17:00:00Z";

let test: TestTenant;
let ids: string[];

beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-11T18:00:00Z" });
  ids = test.devices(3).map(({ deviceId }) => deviceId);
});
afterEach(() => test.discard());

async function entry(shortName: string): Promise<string> {
  const answer = await test.get(
    `${UPDATES}/catalog/entries?$filter=microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry/shortName eq '${shortName}'`,
  );
  return String(items(answer)[0]?.id);
}

async function policy(included: string[], excluded: string[] = []): Promise<{ path: string; ring: string }> {
  const created = await test.post(`${UPDATES}/policies`, { "@odata.type": POLICY, displayName: "P", description: "" });
  const path = `${UPDATES}/policies/${created.json.id}`;
  const assignments = (groups: string[]) => ({ assignments: groups.map((groupId) => ({ groupId })) });
  const ring = await test.post(`${path}/rings`, {
    "@odata.type": RING,
    displayName: "R",
    includedGroupAssignment: assignments(included),
    excludedGroupAssignment: assignments(excluded),
  });
  expect(ring.status, ring.text).toBe(201);
  return { path, ring: `${path}/rings/${ring.json.id}` };
}

async function groupOf(name: string, members: number[]): Promise<string> {
  const id = await test.group(
    name,
    members.map((nth) => `0b000000-0000-4000-a000-${String(nth).padStart(12, "0")}`),
  );
  test.pass(31);
  return id;
}

describe("what a device is offered", () => {
  it("offers nothing without an approval", async () => {
    await policy([await groupOf("ring", [0])]);
    expect(test.tenant.view(ids[0] ?? "")).toEqual({});
  });

  it("offers the approved update to the members of the included group, and to nobody else", async () => {
    const { path } = await policy([await groupOf("ring", [0])]);
    await test.post(`${path}/approvals`, { catalogEntryId: await entry("2024.06 B"), status: "approved" });
    expect(test.tenant.view(ids[0] ?? "").offer).toMatchObject({ kb: "KB5039212", build: "10.0.22631.3737" });
    expect(test.tenant.view(ids[1] ?? "")).toEqual({});
    expect(Date.parse(B)).toBeLessThan(test.clock.now());
  });
});
