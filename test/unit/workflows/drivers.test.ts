import { beforeEach, expect, it, vi } from "vitest";
import { DriverStatus, type RingDriver } from "../../../shared/drivers/driver.js";
import { releaseIdOf } from "../../../shared/releases/identity.js";
import type { Update } from "../../../shared/updates/update.js";
import { registered } from "./puppet.js";

const AT = Date.parse("2024-06-12T10:10:00Z");
const MANUAL = "manual";
const ID = "a".repeat(64);
const approvals = { mode: MANUAL };
let rings: RingDriver[] = [];
let written: { readonly groupId: string; readonly update: Update }[] = [];

vi.mock("durable-functions", async (original) => ({ ...(await original<object>()), getClient: () => ({}) }));
vi.mock("../../../workflows/client.js", () => ({ startOnce: async () => undefined }));
vi.mock("../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  listGroups: async () => [{ id: "workforce", status: "active", definition: { updateTypes: { driver: true } } }],
}));
vi.mock("../../../shared/drivers/policies.js", () => ({ readDriverPolicies: async () => [] }));
vi.mock("../../../shared/drivers/mode.js", () => ({ driverApprovalIn: () => approvals.mode }));
vi.mock("../../../shared/drivers/driver.js", async (original) => ({
  ...(await original<object>()),
  driversOf: () => [{ id: ID, name: "Fabrikam - Net", version: "1.2", manufacturer: "Fabrikam", rings }],
}));
vi.mock("../../../shared/releases/store.js", async (original) => ({
  ...(await original<object>()),
  listReleases: async () =>
    written.map(({ groupId, update }) => ({
      ...{ groupId, update },
      state: { rings: Object.keys(update.workload === "driver" ? (update.opens ?? {}) : {}).map((ring) => ({ ring })) },
    })),
}));
vi.mock("../../../workflows/activities/catalogue.js", () => ({
  writeRelease: async ({ id }: { id: string }, update: Update) => void written.push({ groupId: id, update }),
}));

const { handlers } = registered();
await import("../../../workflows/activities/drivers.js");

async function look(): Promise<void> {
  const outcome = await handlers.get("startDriverReleases")?.({ at: AT, input: {} }, { error: console.error });
  expect(outcome).not.toHaveProperty("error");
}

const approvedIn = (...names: string[]) => {
  rings = names.map((ring) => ({
    ...{ ring, inventoryId: `${ID}_${ring}`, status: DriverStatus.approved, category: "recommended", devices: 3 },
    offeredFrom: null,
  }));
};
const measured = () =>
  written.map(({ update }) => Object.keys(update.workload === "driver" ? (update.opens ?? {}) : {}));

beforeEach(() => {
  written = [];
  approvals.mode = MANUAL;
});

it("a driver that people approve ring by ring is measured in every ring, by a release for each decision", async () => {
  approvedIn("Test");
  await look();
  await look();
  approvedIn("Test", "Ring1", "Ring2");
  await look();
  await look();
  expect(measured()).toEqual([["Test"], ["Ring1", "Ring2"]]);
  const ids = written.map(({ groupId, update }) => releaseIdOf(groupId, update));
  expect(new Set(ids).size).toBe(2);
});

it("where policies approve by themselves a driver has one release", async () => {
  approvals.mode = "automatic";
  approvedIn("Test", "Ring1");
  await look();
  approvedIn("Test", "Ring1", "Ring2");
  await look();
  expect(measured()).toEqual([["Test", "Ring1"]]);
});
