import type { TimerFunctionOptions } from "@azure/functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Change } from "../../../shared/feed/feed.js";
import { emptyTables, memoryTables, storedReads } from "../shared/policies/memory-tables.js";
import { time } from "../shared/tenant/memory.js";

vi.mock("../../../shared/store/tables.js", () => memoryTables());
vi.mock("../../../shared/queues/connection.js", () => ({ hasServiceBus: () => false }));
const followers = vi.hoisted(() => ({ taken: [] as string[] }));
const take = async ({ body }: Change) => void followers.taken.push(body.action);
vi.mock("../../../shared/messages/follower.js", () => ({ messagesFollower: { name: "messages", take } }));
vi.mock("../../../shared/webhooks/outbound/follower.js", () => ({
  webhooksFollower: { name: "webhooks", take: async () => undefined },
}));
const timers = vi.hoisted(() => ({ hourly: undefined as unknown }));
vi.mock("@azure/functions", () => ({
  app: {
    timer: (_name: string, { handler }: TimerFunctionOptions) => {
      timers.hourly = handler;
    },
    serviceBusQueue: () => undefined,
  },
}));

await import("../../../functions/feed.js");
const { audit } = await import("../../../shared/audit/audit.js");
const { takeMissed } = await import("../../../shared/feed/nudge.js");

const hourly = () =>
  (timers.hourly as (timer: object, context: object) => Promise<void>)({}, { warn: () => undefined });
const write = (action: string) =>
  audit({ at: time.now, actor: { id: "ada", name: "Ada" }, action, target: "release/r", key: action });

beforeEach(async () => {
  emptyTables();
  time.now = Date.parse("2024-06-12T01:55:00Z");
  await hourly();
  followers.taken = [];
});

describe("the hourly look at the audit log", () => {
  it("finds within the hour what another instance wrote and could not tell", async () => {
    await write("release.pause");
    takeMissed();
    time.now += 3_600_000;
    await hourly();
    expect(followers.taken).toEqual(["release.pause"]);
  });

  it("costs one read while nothing happens", async () => {
    const before = storedReads();
    await hourly();
    expect([storedReads() - before, followers.taken]).toEqual([1, []]);
  });
});
