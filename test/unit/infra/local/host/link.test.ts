import { expect, test } from "vitest";
import { LinkServer } from "../../../../../infra/local/time/link-server.js";
import { Timeline } from "../../../../../infra/local/time/timeline.js";
import { fixtureApp, start } from "./fixture.js";

test("a host that follows a timeline fires its timers as time moves, and only then", async () => {
  const begin = Date.parse("2026-01-01T00:30:00Z");
  const end = Date.parse("2026-01-01T03:30:00Z");
  let now = begin;
  const link = await LinkServer.listen(() => now);
  const seen: { ticks: { name: string; at: string }[] } = { ticks: [] };
  Object.assign(globalThis, { esmFixture: { ...seen, messages: [], failTimes: 0 } });
  const host = await start(fixtureApp("esm"), {
    clock: link.address,
    env: { RETRIED_SCHEDULE: "0 0 0 1 1 *", QUEUE: "q", Bus: "Endpoint=sb://localhost" },
    listen: async () => ({ close: async () => {}, idle: () => true, activity: () => 0 }),
  });
  const timeline = new Timeline({
    start: begin,
    participants: [link],
    beforeJump: async (at, next) => {
      now = at;
      return next === undefined || next > end;
    },
  });
  await timeline.run();
  await host.stop();
  await link.close();
  const hourly = seen.ticks.filter(({ name }) => name === "hourly").map(({ at }) => at.slice(11, 19));
  expect(hourly).toEqual(["01:00:00", "02:00:00", "03:00:00"]);
});
