import { beforeEach, expect, it, vi } from "vitest";
import type { SloIncident } from "../../../../shared/incidents/incident.js";
import { MemoryTables } from "../tenant/memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
const { closedIncidents, openIncidents, putIncident, readIncident } = await import(
  "../../../../shared/incidents/store.js"
);

const OPEN: SloIncident = {
  ...{ id: "r1 Ring1", workload: "quality", releaseId: "r1", groupId: "g1", groupName: "Workforce", ring: "Ring1" },
  ...{ update: "2024.06 B", objective: 95, sloAt: 1, openedAt: 2, closed: null },
  updates: [{ at: 2, upToDate: 94, denominator: 100, percent: 94 }],
};
const closedAt = (at: number): SloIncident => ({ ...OPEN, closed: { at, because: "met" } });

beforeEach(async () => {
  tables.clear();
  await putIncident(OPEN);
});

it("an open incident is found as such, and a closed one among the closed", async () => {
  expect([await openIncidents(), await closedIncidents()]).toEqual([[OPEN], []]);
  await putIncident(closedAt(5));
  expect([await openIncidents(), await closedIncidents()]).toEqual([[], [closedAt(5)]]);
  expect(await readIncident(OPEN.id)).toEqual(closedAt(5));
});

it.each([0, 1, 2])("one whose closing broke off after %i writes is closed once", async (writes) => {
  const table = tables.of("Incidents");
  const write = table.commit.bind(table);
  const commit = vi.spyOn(table, "commit");
  for (let each = 0; each < writes; each++) commit.mockImplementationOnce(write);
  commit.mockRejectedValueOnce(new Error("The host ends."));
  await expect(putIncident(closedAt(5))).rejects.toThrow("The host ends.");
  // As the look of the next day does.
  for (const incident of await openIncidents()) await putIncident({ ...incident, closed: { at: 9, because: "met" } });
  expect(await openIncidents()).toEqual([]);
  expect(await closedIncidents()).toEqual([closedAt(writes === 0 ? 9 : 5)]);
});
