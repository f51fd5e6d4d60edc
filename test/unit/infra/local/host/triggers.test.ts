import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningHost } from "../../../../../infra/local/host/host.js";
import type { Listen } from "../../../../../infra/local/host/triggers/service-bus-trigger.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { advanceTo, fixtureApp, settled, start } from "./fixture.js";

interface Seen {
  ticks: { name: string; at: string; isPastDue: boolean }[];
  messages: { name: string; message: unknown; metadata: Record<string, unknown> }[];
  failTimes: number;
}

const seen = (globalThis as { esmFixture?: Seen }).esmFixture ?? { ticks: [], messages: [], failTimes: 0 };
(globalThis as { esmFixture?: Seen }).esmFixture = seen;

type ListenOptions = Parameters<Listen>[0];
const listeners = new Map<string, ListenOptions>();
const fakeListen: Listen = async (options) => {
  listeners.set(options.address, options);
  return { close: async () => {}, idle: () => true, activity: () => 0 };
};

let host: RunningHost;
let clock: VirtualClock;
beforeEach(async () => {
  Object.assign(seen, { ticks: [], messages: [], failTimes: 0 });
  clock = new VirtualClock(Date.parse("2026-01-01T00:30:00Z"));
  const env = { RETRIED_SCHEDULE: "0 0 2 * * *", QUEUE: "q", Bus: "Endpoint=sb://localhost" };
  host = await start(fixtureApp("esm"), { clock, env, listen: fakeListen });
});
afterEach(() => host.stop());
const ticks = (name: string) => seen.ticks.filter((tick) => tick.name === name).map(({ at }) => at.slice(11, 19));

describe("timers in virtual time", () => {
  test("a cron fires at its instants and the app reads the same clock", async () => {
    await advanceTo(host, clock, "2026-01-01T03:30:00Z");
    expect(ticks("hourly")).toEqual(["01:00:00", "02:00:00", "03:00:00"]);
  });

  test("a time span fires at its distance from the last run", async () => {
    await advanceTo(host, clock, "2026-01-01T05:00:00Z");
    expect(ticks("everyTwoHours")).toEqual(["02:30:00", "04:30:00"]);
  });

  test("runOnStartup runs once at the start, not past due", async () => {
    await settled(host);
    expect(seen.ticks).toEqual([expect.objectContaining({ name: "eager", isPastDue: false })]);
  });

  test("a failing timer is tried again by its policy and its schedule goes on", async () => {
    seen.failTimes = 4;
    await advanceTo(host, clock, "2026-01-02T03:00:00Z");
    expect(ticks("retried")).toEqual(["02:00:00", "02:00:30", "02:01:00", "02:00:00", "02:00:30"]);
  });

  test("a timer can be started by hand", async () => {
    await settled(host);
    const response = await fetch(`${host.url}/admin/functions/hourly`, { method: "POST", body: '{"input":""}' });
    expect(response.status).toBe(202);
    await settled(host);
    expect(ticks("hourly")).toEqual(["00:30:00"]);
  });
});

describe("Service Bus triggers", () => {
  const listener = (address: string): ListenOptions => {
    const found = listeners.get(address);
    if (found === undefined) throw new Error(`nobody listens on ${address}`);
    return found;
  };

  test("queue and subscription are listened on with their cardinality and limits", () => {
    expect(listener("q")).toMatchObject({ cardinality: "one", maxBatch: 1, autoComplete: true });
    expect(listener("t/Subscriptions/s")).toMatchObject({ cardinality: "many", maxBatch: 1_000, maxConcurrent: 1 });
  });

  test("a message is parsed and carries its metadata in camel case", async () => {
    const metadata = { MessageId: "m", DeliveryCount: 1, ApplicationProperties: { Kind: "k" } };
    await listener("q").handle([{ body: '{"n":1}', metadata }]);
    expect(seen.messages).toEqual([
      {
        name: "one",
        message: { n: 1 },
        metadata: expect.objectContaining({ messageId: "m", deliveryCount: 1, applicationProperties: { kind: "k" } }),
      },
    ]);
  });

  test("a handler that throws makes the listener abandon", async () => {
    await expect(listener("q").handle([{ body: '{"fail":true}', metadata: {} }])).rejects.toThrow("refused");
  });

  test("a batch is one invocation with parallel arrays of metadata", async () => {
    await listener("t/Subscriptions/s").handle([
      { body: '{"n":1}', metadata: { MessageId: "a", DeliveryCount: 1 } },
      { body: "plain", metadata: { MessageId: "b", DeliveryCount: 2 } },
    ]);
    expect(seen.messages).toEqual([
      {
        name: "many",
        message: [{ n: 1 }, "plain"],
        metadata: expect.objectContaining({ messageIdArray: ["a", "b"], deliveryCountArray: [1, 2] }),
      },
    ]);
  });

  test("a message counts as work until its handler is done", async () => {
    await settled(host);
    const handled = listener("q").handle([{ body: "{}", metadata: {} }]);
    expect(host.idle()).toBe(false);
    await handled;
    await settled(host);
    expect(host.idle()).toBe(true);
  });
});
