import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningHost } from "../../../../../infra/local/host/host.js";
import { fixtureApp, start } from "./fixture.js";

let host: RunningHost;
beforeAll(async () => {
  host = await start(fixtureApp("glob"));
});
afterAll(() => host.stop());

test("a glob loads every file it matches, CommonJS and ES modules, in order of path, and no other", () => {
  expect(host.functions).toEqual(["second", "first", "failing"]);
});

test("parameters of route, query and JSON body reach the handler, the route's first", async () => {
  const response = await fetch(`${host.url}/api/first/9?q=7`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"n":1,"s":"x","id":"body"}',
  });
  expect(await response.json()).toEqual({
    params: { id: "9", q: "7", n: "1", s: "x" },
    text: '{"n":1,"s":"x","id":"body"}',
  });
});

test("a streamed body arrives whole and hop headers stay behind", async () => {
  const response = await fetch(`${host.url}/api/second`);
  expect(response.headers.has("x-ms-invocation-id")).toBe(false);
  expect(await response.text()).toBe("abc");
});

test("a handler that throws answers 500", async () => {
  expect((await fetch(`${host.url}/api/failing`)).status).toBe(500);
});
