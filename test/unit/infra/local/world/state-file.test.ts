import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StateFolder, type WorldState } from "../../../../../infra/local/world/state-file.js";

const STATE: WorldState = {
  ...{ seed: 1, devices: 20, scenario: "nominal", update: "2024.06 B", gate: "enforce" },
  ...{ startedAt: Date.parse("2024-06-11T00:00:00Z"), functionKey: "f", masterKey: "m" },
};

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ringmaster-state-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("an empty folder holds no world and no time", () => {
  const folder = new StateFolder(join(dir, "new", "place"));
  expect([folder.load(), folder.loadClock()]).toEqual([undefined, undefined]);
});

it("a second start is told what the first one chose", () => {
  new StateFolder(dir).save(STATE);
  expect(new StateFolder(dir).load()).toEqual(STATE);
});

it("the keys are for their owner alone", () => {
  const folder = new StateFolder(dir);
  folder.save(STATE);
  expect(statSync(folder.path("world.json")).mode & 0o077).toBe(0);
});

it("the last instant is found again after a kill, without the folder having been closed", () => {
  const folder = new StateFolder(dir);
  folder.saveClock(STATE.startedAt);
  folder.saveClock(STATE.startedAt + 900_000);
  expect(new StateFolder(dir).loadClock()).toBe(STATE.startedAt + 900_000);
  folder.close();
});
