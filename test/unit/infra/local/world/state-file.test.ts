import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { StateFolder, type WorldState } from "../../../../../infra/local/world/state-file.js";
import { LOCK } from "../../../../../infra/local/world/state-lock.js";

const STATE: WorldState = {
  ...{ seed: 1, devices: 20, scenario: "nominal", update: "2024.06 B", gate: "enforce" },
  ...{ startedAt: Date.parse("2024-06-11T00:00:00Z"), functionKey: "f", masterKey: "m" },
};

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ringmaster-state-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function open(at = dir): Promise<StateFolder> {
  const folder = await StateFolder.open(at);
  onTestFinished(() => folder.close());
  return folder;
}

it("an empty folder holds no world and no time", async () => {
  const folder = await open(join(dir, "new", "place"));
  expect([folder.load(), folder.loadClock()]).toEqual([undefined, undefined]);
});

it("a second start is told what the first one chose", async () => {
  const first = await open();
  first.save(STATE);
  first.close();
  expect((await open()).load()).toEqual(STATE);
});

it("the folder and the keys are for their owner alone", async () => {
  const folder = await open(join(dir, "new"));
  folder.save(STATE);
  expect([statSync(folder.dir).mode & 0o077, statSync(folder.path("world.json")).mode & 0o077]).toEqual([0, 0]);
});

it("the last instant is found again after it was written more than once", async () => {
  const first = await open();
  first.save(STATE);
  first.saveClock(STATE.startedAt);
  first.saveClock(STATE.startedAt + 900_000);
  first.close();
  expect((await open()).loadClock()).toBe(STATE.startedAt + 900_000);
});

it("a folder that a running process has is refused with its process id, and nothing in it changes", async () => {
  const first = await open();
  first.save(STATE);
  await expect(StateFolder.open(dir)).rejects.toThrow(`Process ${process.pid} already runs`);
  expect(first.load()).toEqual(STATE);
  await expect(StateFolder.open(dir)).rejects.toThrow("--state");
});

it("a folder that a killed process had is taken over, although its process id lives on elsewhere", async () => {
  writeFileSync(join(dir, LOCK), JSON.stringify({ pid: process.pid, port: 9, nonce: "gone" }));
  expect((await open()).load()).toBeUndefined();
});

it("a lock that was cut short by a kill is taken over", async () => {
  writeFileSync(join(dir, LOCK), '{"pid":');
  expect((await open()).load()).toBeUndefined();
});

it("a folder with other files is refused, so that beginning anew cannot empty it", async () => {
  writeFileSync(join(dir, "thesis.txt"), "years of work");
  await expect(StateFolder.open(dir)).rejects.toThrow("holds other files");
});

it("beginning anew forgets everything but that the folder is taken", async () => {
  const folder = await open();
  folder.save(STATE);
  await folder.clear();
  expect(folder.load()).toBeUndefined();
  await expect(StateFolder.open(dir)).rejects.toThrow("already runs");
});

it("what is no folder is refused with what to do", async () => {
  writeFileSync(join(dir, "file"), "");
  await expect(StateFolder.open(join(dir, "file"))).rejects.toThrow("--state");
});
