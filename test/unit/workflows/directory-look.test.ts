import type * as df from "durable-functions";
import { beforeEach, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.js";

const NOW = Date.parse("2024-06-03T08:10:00Z");
const changes = { survey: [] as string[], repair: [] as string[], own: [] as string[], commit: vi.fn() };
const toRestore = vi.fn();
const enrolment = { enrolment: "enrolled" };

vi.mock("../../../shared/registration/watch.js", () => ({ directoryChanges: async () => changes }));
vi.mock("../../../shared/groups/ring-groups.js", () => ({ groupsToRestore: toRestore }));
vi.mock("../../../shared/groups/store.js", async (original) => ({
  ...(await original<object>()),
  listGroups: async () => [{ id: "a" }, { id: "b" }],
}));
vi.mock("../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../shared/tenant/state.js", () => ({
  tenantState: async () => enrolment,
  isServed: (state: typeof enrolment) => state.enrolment === "enrolled",
}));
vi.mock("../../../workflows/activities/discovery.js", () => ({ surveyActivity: {}, fillActivity: {} }));

const { discoverChanges, discoverEverything } = await import("../../../workflows/discovery.js");

let started: [string, unknown][];
const client = {
  getStatus: async () => undefined,
  startNew: async (name: string, { instanceId, input }: { instanceId: string; input: unknown }) => {
    started.push([name === "discovery" ? name : instanceId, input]);
  },
} as unknown as df.DurableClient;
const asked = () => toRestore.mock.calls.map(([, groups]) => (groups as { id: string }[]).map(({ id }) => id));

beforeEach(() => {
  vi.clearAllMocks();
  started = [];
  Object.assign(changes, { survey: [], repair: [], own: [] });
  enrolment.enrolment = "enrolled";
  toRestore.mockResolvedValue([]);
});

it("an hour without changes starts nothing and asks the directory nothing more", async () => {
  await discoverChanges(client, NOW);
  expect([started, asked(), changes.commit.mock.calls.length]).toEqual([[], [], 1]);
});

it("a group whose ring group is lost or renamed is provisioned, besides the repair of its memberships", async () => {
  Object.assign(changes, { repair: ["b"], own: ["b"] });
  toRestore.mockResolvedValue(["b"]);
  await discoverChanges(client, NOW);
  expect(asked()).toEqual([["b"]]);
  expect(started).toEqual([
    ["discovery", { survey: "none", fill: ["b"] }],
    ["group-provisioning:b:restore-2024-06-03T08", { groupId: "b" }],
  ]);
});

it("changes are told again while the directory groups could not be looked at", async () => {
  Object.assign(changes, { repair: ["b"], own: ["b"] });
  toRestore.mockRejectedValue(new AppError("throttled", "Later."));
  await expect(discoverChanges(client, NOW)).rejects.toMatchObject({ code: "throttled" });
  expect(changes.commit).not.toHaveBeenCalled();
});

it("once a day all devices and all directory groups are looked at", async () => {
  toRestore.mockResolvedValue(["a"]);
  await discoverEverything(client, NOW);
  expect(asked()).toEqual([["a", "b"]]);
  expect(started).toEqual([
    ["discovery", { survey: "daily" }],
    ["group-provisioning:a:restore-2024-06-03T08", { groupId: "a" }],
  ]);
});

it("of a tenant that has left no directory group is made again", async () => {
  enrolment.enrolment = "left";
  await discoverEverything(client, NOW);
  expect(asked()).toEqual([]);
});
