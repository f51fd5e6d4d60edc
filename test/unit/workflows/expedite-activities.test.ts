import type * as df from "durable-functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { newExpedite } from "../../../shared/expedites/expedite.js";
import { emptyTables, memoryTables } from "../shared/policies/memory-tables.js";
import { registered } from "./puppet.js";

vi.mock("../../../shared/store/tables.js", () => memoryTables());
registered();
const { startUnfinishedExpedites } = await import("../../../workflows/activities/expedite.js");
const { nothingLeft } = await import("../../../workflows/activities/expedite-groups.js");
const { changeExpedite, insertExpedite } = await import("../../../shared/expedites/store.js");

const ada = { id: "a", name: "Ada" };
const expedite = (id: string) =>
  newExpedite({
    ...{ id, source: "webhook", requestedBy: ada, requestedAt: 0, justification: null },
    ...{ wanted: { kb: "KB5058405" }, groupIds: ["workforce"], rebootDays: null },
  });

/** The durable client, with the instances that run. */
function client(running: readonly string[]) {
  const started: string[] = [];
  const fake = {
    getStatus: async (id: string) => {
      if (running.includes(id)) return { runtimeStatus: "Running" };
      throw new Error("HTTP 404");
    },
    startNew: async (_name: string, { instanceId }: { instanceId: string }) => started.push(instanceId),
  };
  return { started, client: fake as unknown as df.DurableClient };
}

beforeEach(() => emptyTables());

describe("the hourly look at expedites", () => {
  it("starts those that were written and never woken, and leaves the others alone", async () => {
    for (const id of ["lost", "running", "over"]) await insertExpedite(expedite(id));
    await changeExpedite("over", (record) => ({ ...record, status: "completed" }));
    const { started, client: durable } = client(["expedite:running"]);
    await startUnfinishedExpedites(durable);
    expect(started).toEqual(["expedite:lost"]);
  });

  it("does nothing where there is none", async () => {
    const { started, client: durable } = client([]);
    await startUnfinishedExpedites(durable);
    expect(started).toEqual([]);
  });
});

it("nothing is left once every group has a reason, and all are named", () => {
  const off = { groupId: "a", skipped: "expedited quality updates are switched off" };
  expect(nothingLeft([off, { groupId: "b", skipped: null }])).toBeUndefined();
  expect(nothingLeft([off, { groupId: "b", skipped: "its release is completed" }])).toMatch(/a: .*; b: its release/);
});
