import type * as df from "durable-functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { newExpedite } from "../../../shared/expedites/expedite.js";
import { MAY } from "../shared/expedites/catalogue.js";
import { emptyTables, memoryTables } from "../shared/policies/memory-tables.js";
import { releaseOf } from "../shared/releases/fixtures.js";
import { registered } from "./puppet.js";

vi.mock("../../../shared/store/tables.js", () => memoryTables());
const world = vi.hoisted(() => ({ release: undefined as object | undefined }));
vi.mock("../../../shared/releases/store.js", async (original) => ({
  ...(await original<object>()),
  findRelease: async () => world.release,
}));
const durable = vi.hoisted(() => ({ woken: [] as string[] }));
vi.mock("durable-functions", async (original) => ({ ...(await original<object>()), getClient: () => ({}) }));
vi.mock("../../../workflows/client.js", async (original) => ({
  ...(await original<object>()),
  rouse: async (_client: unknown, _name: string, instance: string) => void durable.woken.push(instance),
}));
const { handlers } = registered();
const { startUnfinishedExpedites } = await import("../../../workflows/activities/expedite.js");
const { nothingLeft } = await import("../../../workflows/activities/expedite-groups.js");
const { auditEntries } = await import("../../../shared/audit/audit.js");
const { commandsOf, logCommand } = await import("../../../shared/releases/commands.js");
const { releaseIdOf } = await import("../../../shared/releases/identity.js");
const { changeExpedite, insertExpedite, readExpedite } = await import("../../../shared/expedites/store.js");

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

async function run(name: string, input: object, at: number): Promise<unknown> {
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`There is no activity ${name}.`);
  return ((await handler({ at, input }, { error: () => undefined })) as { value?: unknown }).value;
}

async function audited() {
  const entries = [];
  for await (const { body } of auditEntries("1970-01")) entries.push(body);
  return entries;
}

beforeEach(() => {
  emptyTables();
  durable.woken = [];
});

describe("the hourly look at expedites", () => {
  it("starts those that were written and never woken, and leaves the others alone", async () => {
    for (const id of ["lost", "running", "over"]) await insertExpedite(expedite(id));
    await changeExpedite("over", (record) => ({ ...record, status: "completed" }));
    const { started, client: durable } = client(["expedite:running"]);
    await startUnfinishedExpedites(durable);
    expect(started).toEqual(["expedite:lost"]);
  });

  it("wakes one that was cancelled and does not know", async () => {
    await insertExpedite({ ...expedite("running"), cancelled: { by: ada, at: 7, justification: null } });
    await startUnfinishedExpedites(client(["expedite:running"]).client);
    expect(durable.woken).toEqual(["expedite:running"]);
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

describe("an expedite that is cancelled", () => {
  const cancelled = { by: ada, at: 7, justification: null };
  const release = releaseIdOf("workforce", MAY);
  const running = { ...expedite("x1"), status: "running", update: MAY, groupIds: ["workforce", "kiosks"] } as const;

  it("is taken back from a release that was told of it before its launch broke off, and from no other", async () => {
    await insertExpedite({ ...running, cancelled });
    const command = { kind: "expedite", at: 5, by: "Ada", expediteId: "x1", rebootDays: null } as const;
    await logCommand(release, { key: "expedite x1", actor: ada, command });
    for (let each = 0; each < 2; each++) await run("endExpedite", { expediteId: "x1" }, 9);
    expect((await commandsOf(release)).map(({ command: { kind } }) => kind)).toEqual(["expedite", "endExpedite"]);
    expect(await commandsOf(releaseIdOf("kiosks", MAY))).toEqual([]);
    expect(durable.woken).toContain(release);
    expect(await readExpedite("x1")).toMatchObject({ status: "cancelled", endedAt: 9 });
  });

  it("is in the audit log although whoever cancelled it ended before he wrote it there", async () => {
    await insertExpedite({ ...running, cancelled });
    await run("endExpedite", { expediteId: "x1" }, 9);
    expect(await audited()).toMatchObject([{ action: "expedite.cancel", actor: ada, at: "1970-01-01T00:00:00.007Z" }]);
  });

  it("starts nothing more", async () => {
    await insertExpedite({ ...running, cancelled });
    expect(await run("launchExpedite", { expediteId: "x1" }, 9)).toMatchObject({ status: "running" });
  });
});

it("who requested an expedite is in the audit log although he ended before he wrote it there", async () => {
  await insertExpedite({ ...expedite("x1"), groupIds: [] });
  await run("validateExpedite", { expediteId: "x1" }, 9);
  expect((await audited()).map(({ action, actor }) => [action, actor.name])).toEqual([
    ["expedite.request", "Ada"],
    ["expedite.refuse", "Ringmaster"],
  ]);
});

it("an expedite whose look works again shows no problem any more", async () => {
  const deployments = [{ groupId: "workforce", groupName: "W", releaseId: "r1", skipped: null }];
  await insertExpedite({ ...expedite("x1"), status: "running", deployments, problem: "Storage is away." });
  world.release = releaseOf("enforce", 0);
  await run("observeExpedite", { expediteId: "x1" }, 9);
  expect(await readExpedite("x1")).toMatchObject({ status: "running", problem: null });
});
