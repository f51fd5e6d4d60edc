import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningHost } from "../../../../../infra/local/host/host.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { advanceTo, fixtureApp, start } from "./fixture.js";

interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
}

let host: RunningHost;
const clock = new VirtualClock(Date.parse("2026-01-01T00:00:00Z"));
beforeAll(async () => {
  process.env.HUB = "FixtureHub";
  // The library reads WEBSITE_HOSTNAME of the process when it makes management URLs.
  host = await start(fixtureApp("durable"), { clock, seed: 1, env: process.env, auth: true });
});
afterAll(() => host.stop());

test("an orchestration started over HTTP runs in virtual time and its links work with their key", async () => {
  const started = await fetch(`${host.url}/start/a`);
  expect(started.status).toBe(202);
  const { statusQueryGetUri } = (await started.json()) as { statusQueryGetUri: string };
  expect(statusQueryGetUri.startsWith(`${host.url}/runtime/webhooks/durabletask/instances/a?taskHub=FixtureHub`)).toBe(
    true,
  );
  const status = async () => (await (await fetch(statusQueryGetUri)).json()) as Status;

  await advanceTo(host, clock, "2026-01-10T23:59:59Z");
  expect((await status()).runtimeStatus).toBe("Running");
  await advanceTo(host, clock, "2026-01-11T00:00:00Z");
  expect(await status()).toMatchObject({
    runtimeStatus: "Completed",
    output: { doubled: 42, at: "2026-01-11T00:00:00.000Z" },
  });
});

test("the webhooks ask for the system key, the client's own route does not", async () => {
  expect((await fetch(`${host.url}/runtime/webhooks/durabletask/instances/a`)).status).toBe(401);
  expect((await fetch(`${host.url}/durabletask/instances/a`)).status).toBe(200);
});

test("executions and the longest history are counted", () => {
  expect(host.stats().executions).toBeGreaterThan(2);
  expect(host.stats().maxHistoryEvents).toBeGreaterThan(5);
});

test("requests that the app sends are counted by port", () => {
  expect(host.stats().requestsByPort[String(host.port)]).toBeGreaterThan(0);
});
