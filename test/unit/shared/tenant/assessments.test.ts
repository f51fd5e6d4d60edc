import { beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN, answering, MemoryTables, PERMITTED, time } from "./memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
const ring = {
  id: "1",
  displayName: "Everybody's ring",
  assignments: [{ target: { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" } }],
};
const graph = answering({ ...PERMITTED, "/deviceManagement/deviceConfigurations": [ring] });
vi.mock("../../../../shared/graph/client.js", () => ({ tenantManagementGraph: () => graph }));

const { deidentifyOldAssessments, deleteAssessments, listAssessments, runAssessment } = await import(
  "../../../../shared/tenant/assessments.js"
);

const MADE = Date.parse("2024-06-10T12:00:00Z");
const YEAR_LATER = Date.parse("2025-06-10T12:00:00Z");

beforeEach(async () => {
  tables.clear();
  time.now = MADE;
  await runAssessment(ADMIN, MADE);
});

describe("assessments", () => {
  it("tell who ran them and what they are about", async () => {
    expect(await listAssessments()).toMatchObject([
      {
        at: new Date(MADE).toISOString(),
        by: { name: "Ada" },
        result: "Advisory",
        checks: [{ subjects: ["Everybody's ring: all devices"] }, {}, {}],
      },
    ]);
  });

  it("are whole for 12 months", async () => {
    expect(await deidentifyOldAssessments(YEAR_LATER)).toBe(0);
    expect(await listAssessments()).toMatchObject([{ by: { name: "Ada" }, deidentified: false }]);
  });

  it("name nobody and nothing afterwards, in any of their fields", async () => {
    expect(await deidentifyOldAssessments(YEAR_LATER + 1)).toBe(1);
    const [assessment] = await listAssessments();
    expect(assessment).toMatchObject({ at: "2024-06", by: null, result: "Advisory", deidentified: true });
    expect(assessment?.checks[0]).toEqual({
      id: "updateRings",
      area: "Intune",
      name: "Update rings for Windows",
      result: "Advisory",
    });
    expect(await deidentifyOldAssessments(YEAR_LATER + 1)).toBe(0);
  });

  it("are all deleted on request", async () => {
    await runAssessment(ADMIN, MADE + 1);
    expect(await deleteAssessments()).toBe(2);
    expect(await listAssessments()).toEqual([]);
  });
});
