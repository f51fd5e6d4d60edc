import { beforeEach, describe, expect, it, vi } from "vitest";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import { registered } from "./puppet.js";

const B = Date.parse("2024-06-11T17:00:00Z");
const domain = { now: B };
const tenant = { ids: ["june"], looks: 0, groups: [] as unknown[] };

vi.mock("../../../shared/clock.js", () => ({ clock: { now: () => domain.now } }));
vi.mock("../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  listGroups: async () => tenant.groups,
}));
vi.mock("../../../shared/releases/store.js", async (original) => ({
  ...(await original<object>()),
  findRelease: async () => undefined,
}));
vi.mock("../../../shared/graph/catalogue.js", () => ({
  newestUpdateIds: async () => tenant.ids,
  listQualityUpdates: async () => {
    tenant.looks++;
    return tenant.ids.map((id) => ({
      catalogEntryId: id,
      shortName: "2024.06 B",
      displayName: "06/11/2024 - 2024.06 B",
      releaseDate: "2024-06-11",
      classification: "security",
      cadence: "monthly",
      isExpeditable: true,
      revisions: [{ product: "Windows 11", version: "23H2", build: "10.0.22631.3737", kb: "KB1", isHotpatch: false }],
    }));
  },
}));

registered();
const workforce = { id: "workforce", status: "active", definition: { updateTypes: { quality: true } } };

beforeEach(() => {
  vi.resetModules();
  Object.assign(tenant, { ids: ["june"], looks: 0, groups: [] });
  domain.now = B;
});

async function look(): Promise<number> {
  const { newUpdates } = await import("../../../workflows/activities/catalogue.js");
  return (await newUpdates()).length;
}

describe("the hourly look at the catalogue", () => {
  it("reads the catalogue again only when its newest entries are others, or after six hours", async () => {
    await look();
    domain.now += HOUR_MS;
    await look();
    expect(tenant.looks).toBe(1);
    tenant.ids = ["oob", "june"];
    await look();
    expect(tenant.looks).toBe(2);
    domain.now += 6 * HOUR_MS;
    await look();
    expect(tenant.looks).toBe(3);
  });

  it("goes on telling of an update as long as a group has no release of it", async () => {
    tenant.groups = [workforce];
    expect([await look(), await look()]).toEqual([1, 1]);
  });

  it("passes over groups that are still being made", async () => {
    tenant.groups = [{ ...workforce, status: "creating" }];
    expect(await look()).toBe(0);
  });

  it("passes over groups whose quality updates the service does not manage", async () => {
    tenant.groups = [{ ...workforce, definition: { updateTypes: { quality: false } } }];
    expect(await look()).toBe(0);
  });

  it("looks at the instant of publication of an update that the catalogue knows before", async () => {
    domain.now = B - 2 * HOUR_MS;
    tenant.groups = [workforce];
    expect(await look()).toBe(0);
    domain.now = B;
    expect(await look()).toBe(1);
  });
});
