import { beforeEach, describe, expect, it, vi } from "vitest";
import { table, tables } from "../registration/estate.js";

const DAY = 86_400_000;
/** Second Tuesdays of March to June 2024, 17:00 UTC. */
const MONTHS = { "2402": "03-12", "2403": "04-09", "2404": "05-14", "2405": "06-11" };
const LIST = Object.entries(MONTHS).map(([name, day]) => ({
  ...{ channel: "monthlyEnterprise", name, version: `16.0.1${name}.20100` },
  publishedAt: `2024-${day}T17:00:00.000Z`,
}));
const noted: { readonly action: string; readonly target: string; readonly evidence: object }[] = [];
const group = vi.hoisted(() => ({ pins: {} as Record<string, object> }));
vi.doMock("../../../../shared/store/tables.js", () => ({ table }));
vi.doMock("../../../../shared/audit/audit.js", () => ({
  audit: async (entry: (typeof noted)[0]) => noted.push(entry),
}));
vi.doMock("../../../../shared/microsoft-365-apps/list.js", () => ({
  officeVersions: async () => ({ versions: LIST }),
}));
vi.doMock("../../../../shared/groups/store.js", () => ({
  listGroups: async () => [{ id: "sales", definition: { name: "Sales" }, officePins: group.pins }],
}));
const { holdNews, lookAtHolds } = await import("../../../../shared/microsoft-365-apps/hold-support.js");

const at = (day: string) => Date.parse(`2024-${day}T05:00:00Z`);
/** The daily looks up to a day, the last of them included. */
async function lookUntil(from: string, until: string): Promise<string[]> {
  for (let now = at(from); now <= at(until); now += DAY) await lookAtHolds(now);
  return noted.map(({ action }) => action.replace("microsoft365Apps.heldVersion", ""));
}

beforeEach(() => {
  tables.clear();
  noted.length = 0;
  group.pins = { Test: { version: "16.0.12403.20100", keepsInstalled: true } };
});

describe("A version of Office at which a ring is held", () => {
  it("is told of once before it leaves support, and once when it has", async () => {
    expect(await lookUntil("05-15", "05-27")).toEqual([]);
    expect(await lookUntil("05-28", "06-11")).toEqual(["Ending"]);
    expect(await lookUntil("06-12", "06-20")).toEqual(["Ending", "Ended"]);
    expect(noted[0]).toMatchObject({ target: "group/sales", evidence: { rings: ["Test"], ends: "2024-06-11" } });
  });

  it("is not told of while two newer versions are far, nor where nothing is held", async () => {
    group.pins = { Test: { version: "16.0.12404.20100", keepsInstalled: true } };
    expect(await lookUntil("05-28", "06-11")).toEqual([]);
    group.pins = {};
    expect(await lookUntil("06-12", "06-20")).toEqual([]);
  });

  it("is told of with what to do", async () => {
    await lookUntil("05-30", "06-12");
    const [ending, ended] = noted.map((entry) => holdNews(entry as never));
    expect(ending?.text).toContain("until 2024-06-11, and Test of Sales are held there");
    expect(ended?.text).toContain("POST /api/v1/groups/sales/apps/microsoft365Apps/resume");
    expect([ending?.about === ended?.about, ending?.isOver, ended?.isOver]).toEqual([true, false, true]);
  });
});
