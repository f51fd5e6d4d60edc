import { beforeEach, expect, it, vi } from "vitest";
import type { QueueItem } from "../../../../shared/queues/send.js";
import { time } from "../tenant/memory.js";

const sent: QueueItem[] = [];
let away = false;
vi.mock("../../../../shared/queues/connection.js", () => ({ hasServiceBus: () => true }));
vi.mock("../../../../shared/queues/send.js", () => ({
  sendOnce: async (_queue: string, items: readonly QueueItem[]) => {
    if (away) throw new Error("away");
    sent.push(...items);
  },
}));
const { nudge, takeMissed } = await import("../../../../shared/feed/nudge.js");

beforeEach(() => {
  sent.length = 0;
  away = false;
  time.now += 3_600_000;
  takeMissed();
});

it("one message tells of all changes of a minute, and comes after the last of them", async () => {
  for (const after of [0, 1_000, 15_000]) {
    time.now = Math.floor(time.now / 60_000) * 60_000 + after;
    await nudge("release.pause", time.now);
  }
  expect(sent).toHaveLength(1);
  expect(sent[0]?.notBefore).toBeGreaterThan(time.now);
  time.now = sent[0]?.notBefore ?? 0;
  await nudge("ring.begin", time.now);
  expect(sent).toHaveLength(2);
  expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
});

it("what nobody waits for is left to the hourly look", async () => {
  await nudge("devices.discover", time.now);
  expect([sent, takeMissed(), takeMissed()]).toEqual([[], true, false]);
});

it("an outage of the queue costs the act nothing, and the hourly look knows of it", async () => {
  away = true;
  await nudge("release.pause", time.now);
  away = false;
  await nudge("release.pause", time.now);
  expect([sent, takeMissed()]).toEqual([[], true]);
});

it("an entry that is written late is found by the thorough look, whatever month it belongs to", async () => {
  await nudge("release.pause", time.now - 40 * 86_400_000);
  expect(takeMissed()).toBe(true);
});
