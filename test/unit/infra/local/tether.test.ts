import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { TETHERED } from "../../../../infra/local/tether.js";

const GRANDCHILD = JSON.stringify([...TETHERED, "-e", "console.log(process.pid); setInterval(() => {}, 1000)"]);
const PARENT = `
  const { spawn } = require("node:child_process");
  spawn(process.execPath, ${GRANDCHILD}, { detached: true, stdio: ["pipe", "inherit", "inherit"] });
  setInterval(() => {}, 1000);
`;

test("a tethered process ends when its parent is killed with SIGKILL, although it has a process group of its own", async () => {
  const parent = spawn(process.execPath, ["-e", PARENT], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  // Both write to the pipe, so that its end is the end of both.
  const bothEnded = once(parent.stdout, "close");
  parent.kill("SIGKILL");
  expect(await bothEnded).toEqual([false]);
});

test("a tethered process ends by itself when it has nothing to do", async () => {
  const child = spawn(process.execPath, [...TETHERED, "-e", "0"], { stdio: ["pipe", "ignore", "inherit"] });
  expect(await once(child, "exit")).toEqual([0, null]);
});
