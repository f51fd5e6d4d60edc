import { beforeEach, describe, expect, it, vi } from "vitest";
import { defaultGroup } from "../../../../shared/groups/defaults.js";
import { releaseOf } from "../releases/fixtures.js";
import { MemoryTables, time } from "../tenant/memory.js";

const tables = new MemoryTables();
const releases: unknown[] = [];
let enrolled = true;
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
vi.mock("../../../../shared/tenant/state.js", () => ({ tenantState: async () => ({}), isServed: () => enrolled }));
vi.mock("../../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  GroupStatus: { active: "active" },
  listGroups: async () => [
    { id: "g", status: "active", definition: defaultGroup("Workforce") },
    { id: "h", status: "creating", definition: defaultGroup("New") },
  ],
}));
vi.mock("../../../../shared/releases/store.js", () => ({ listQualityReleases: async () => releases }));
vi.mock("../../../../shared/ledger/index.js", () => ({
  ledger: async () => ({
    summary: async () => ({ rings: { Test: { size: 10, upToDate: 10 }, Ring1: { size: 90, upToDate: 85 } } }),
  }),
}));
const { auditEntries } = await import("../../../../shared/audit/audit.js");
const { lookAtCalendar } = await import("../../../../shared/messages/schedule.js");

/** The daily look of 18:10 UTC on every day from one to another. */
async function days(from: string, to: string): Promise<[string, string][]> {
  const told: [string, string][] = [];
  for (let at = Date.parse(`${from}T18:10:00Z`); at <= Date.parse(`${to}T18:10:00Z`); at += 86_400_000) {
    time.now = at;
    for (const each of await lookAtCalendar(at)) told.push([new Date(at).toISOString().slice(0, 10), each]);
  }
  return told;
}

async function entries(month: string) {
  const found = [];
  for await (const { body } of auditEntries(month)) found.push(body);
  return found;
}

beforeEach(() => {
  tables.clear();
  releases.length = 0;
  enrolled = true;
});

describe("the calendar", () => {
  it("announces each month's update once, at least 7 days before the second Tuesday, all year", async () => {
    const told = await days("2025-01-01", "2025-12-31");
    const planned = told.filter(([, what]) => what.startsWith("planned")).map(([day]) => Date.parse(day));
    const tuesdays = [14, 11, 11, 8, 13, 10, 8, 12, 9, 14, 11, 9].map((day, month) => Date.UTC(2025, month, day));
    expect(planned).toHaveLength(12);
    planned.forEach((at, month) => {
      const ahead = ((tuesdays[month] ?? 0) - at) / 86_400_000;
      expect(ahead).toBeGreaterThanOrEqual(7);
      expect(ahead).toBeLessThanOrEqual(13);
    });
  });

  it("announces in time although nothing ran for two days", async () => {
    expect(await days("2024-06-02", "2024-06-03")).toEqual([["2024-06-02", "planned 2024.06 B"]]);
    const [entry] = await entries("2024-06");
    expect(entry).toMatchObject({ action: "release.planned", target: "update/2024.06 B" });
    expect(entry?.evidence).toMatchObject({
      groups: 1,
      named: [
        { group: "Workforce", rings: [{ ring: "Test", availableAt: "2024-06-11" }, { ring: "Ring1" }, {}, {}, {}] },
      ],
    });
  });

  it("sums up on the fourth Tuesday, or in the days after it", async () => {
    const release = releaseOf("off", Date.parse("2024-06-11T17:05:00Z"));
    const update = { ...release.update, shortName: "2024.06 B" };
    releases.push({ ...release, update, publishedAt: Date.parse("2024-06-11T17:00:00Z") });
    expect(await days("2024-06-12", "2024-06-24")).toEqual([]);
    expect(await days("2024-06-25", "2024-06-28")).toEqual([["2024-06-25", "summary 2024.06 B"]]);
    const [entry] = await entries("2024-06");
    expect(entry?.evidence).toMatchObject({ devices: 100, upToDate: 95, percent: 95, groups: 1 });
  });

  it("sums up nothing where no group had the update, and says nothing in a tenant that is not served", async () => {
    expect(await days("2024-06-25", "2024-06-28")).toEqual([]);
    enrolled = false;
    expect(await days("2024-07-01", "2024-07-10")).toEqual([]);
  });

  it("writes one entry when a look is repeated after a crash between the entry and its note", async () => {
    const feed = tables.of("Feed");
    const commit = feed.commit.bind(feed);
    let writes = 0;
    const spy = vi.spyOn(feed, "commit").mockImplementation(async (...given) => {
      if (++writes === 2) throw new Error("crash");
      return commit(...given);
    });
    await expect(days("2024-06-02", "2024-06-02")).rejects.toThrow("crash");
    spy.mockRestore();
    await days("2024-06-03", "2024-06-04");
    expect(await entries("2024-06")).toHaveLength(1);
  });
});
