import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceRecord } from "../../../shared/registration/device.js";
import { MemoryTable } from "../../../shared/store/memory-table.js";
import { record } from "../shared/registration/records.js";
import { registered } from "./puppet.js";

const tables = new Map<string, MemoryTable>();
vi.mock("../../../shared/store/tables.js", () => ({
  table: async (name: string) => {
    const known = tables.get(name) ?? new MemoryTable();
    tables.set(name, known);
    return known;
  },
}));

const { handlers } = registered();
await import("../../../workflows/activities/what-if.js");
const { writeDevices } = await import("../../../shared/registration/store.js");
const { readAnswer, readGround, readRun, writeRun } = await import("../../../shared/what-if/store.js");
const { defaultBase } = await import("../../../shared/what-if/base.js");
const { keepDeployment } = await import("../../../shared/gate/baseline-store.js");

const base = defaultBase();
const candidates = [{ ...base, name: "As it is" }];
let runs = 0;

async function run(name: string, input: object): Promise<{ value?: unknown; error?: { code: string } }> {
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`There is no activity ${name}.`);
  return (await handler({ at: 0, input }, { error: () => undefined })) as { value?: unknown };
}

async function asked(): Promise<string> {
  const id = `what-if-${++runs}`;
  const request = { groupId: "contoso", groupName: "Contoso", requestedAt: "", requestedBy: "Ada", seed: 1, months: 6 };
  await writeRun({ id, ...request, candidates, base, status: "waiting", done: 0, total: 6, problem: null });
  return id;
}

const device = (n: number, patch: Partial<DeviceRecord> = {}) =>
  record({ deviceId: `d0000000-0000-4000-8000-00000000000${n}`, ring: n < 3 ? "Test" : "Ring2", ...patch });

async function devices(...records: readonly DeviceRecord[]): Promise<void> {
  const byId = new Map(records.map((one) => [one.deviceId, one]));
  await writeDevices([...byId.keys()], (id) => byId.get(id));
}

beforeEach(async () => {
  tables.clear();
  await devices(
    ...[1, 2, 3, 4, 5].map((n) => device(n)),
    device(6, { status: "Not registered", ring: null }),
    device(7, { groupId: "other" }),
  );
});

describe("the activities of a what-if", () => {
  it("simulate the registered devices of the group with what was learned, and tell how far they are", async () => {
    await keepDeployment({
      ...{ releaseId: "r", groupId: "contoso", kind: "B", updateId: "u", updateName: "2024.05 B", finishedAt: 1 },
      ...{ resolved: 6_000, failures: 36, reportAgeBins: { Test: [9, 1, ...Array(13).fill(0)] }, started: 10 },
      ...{ returnAgeBins: [10, ...Array(14).fill(0)], disturbedBy: [], disturbed: false },
    });
    const id = await asked();
    expect((await run("prepareWhatIf", { id })).value).toMatchObject({ trials: 6 });
    const ground = await readGround(id);
    expect(ground?.fleet.rings).toEqual([
      { name: "Test", size: 2 },
      { name: "Ring2", size: 3 },
    ]);
    expect(ground?.fleet.index.columns.map(({ name }) => name)).toContain("osBuild");
    expect(ground?.history).toMatchObject({ deployments: 1, p0: 0.005, arrivals: { Test: { 0: 0.9 } } });
    await run("simulateMonths", { id, from: 0, to: 4 });
    expect(await readRun(id)).toMatchObject({ status: "running", done: 4, total: 6 });
  });

  it("may run twice, even when devices have changed meanwhile", async () => {
    const once = await asked();
    for (const [name, more] of STEPS) await run(name, { id: once, ...more });
    const twice = await asked();
    for (const [name, more] of STEPS) {
      await run(name, { id: twice, ...more });
      await devices(device(8));
      await run(name, { id: twice, ...more });
    }
    expect(await readRun(twice)).toMatchObject({ status: "finished", done: 6 });
    expect(await readAnswer(twice)).toEqual(await readAnswer(once));
    expect((await readAnswer(twice))?.devices).toBe(5);
  });

  it("leave nothing but the request and the answer", async () => {
    const id = await asked();
    for (const [name, more] of STEPS) await run(name, { id, ...more });
    const { rows } = (await tables.get("WhatIf")?.page(id)) ?? { rows: [] };
    expect(rows.map(({ rowKey }) => rowKey)).toEqual(["answer", "run"]);
  });

  it("refuse a group without devices, and say so to whoever asks", async () => {
    tables.delete("Devices");
    const id = await asked();
    expect((await run("prepareWhatIf", { id })).error).toMatchObject({ code: "rule_violated" });
    await run("abandonWhatIf", { id, problem: "There are no devices." });
    await run("simulateMonths", { id, from: 0, to: 4 });
    expect(await readRun(id)).toMatchObject({ status: "failed", problem: "There are no devices.", done: 0 });
  });
});

const STEPS = [
  ["prepareWhatIf", {}],
  ["simulateMonths", { from: 0, to: 4 }],
  ["simulateMonths", { from: 4, to: 6 }],
  ["concludeWhatIf", {}],
] as const;
