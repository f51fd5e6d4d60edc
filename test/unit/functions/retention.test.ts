import type { TimerFunctionOptions } from "@azure/functions";
import { beforeEach, expect, it, vi } from "vitest";

const world = vi.hoisted(() => ({ done: [] as string[], failing: "", handler: undefined as unknown }));
const step = (name: string, answer?: unknown) => async () => {
  if (world.failing === name) throw new Error(`${name} cannot be read.`);
  world.done.push(name);
  return answer;
};
vi.mock("@azure/functions", () => ({
  app: { timer: (_name: string, { handler }: TimerFunctionOptions) => void Object.assign(world, { handler }) },
}));
vi.mock("../../../shared/config.js", () => ({ config: () => ({ EXPEDITE_WEBHOOK_SECRET: "s" }) }));
vi.mock("../../../shared/webhooks/replay.js", () => ({ forgetSignatures: step("signatures") }));
vi.mock("../../../shared/idempotency/store.js", () => ({ forgetKeys: step("keys") }));
vi.mock("../../../shared/webhooks/outbound/webhook.js", () => ({ listWebhooks: step("webhooks", [{ id: "w1" }]) }));
vi.mock("../../../shared/webhooks/outbound/deliveries.js", () => ({ dropDeliveries: step("deliveries") }));
vi.mock("../../../shared/support/store.js", () => ({ dropOldRequests: step("requests", []) }));
vi.mock("../../../shared/releases/store.js", () => ({
  listReleases: async () => [
    { id: "r1", endedAt: 1 },
    { id: "r2", endedAt: 2 },
    { id: "running", endedAt: null },
  ],
}));
vi.mock("../../../shared/ledger/index.js", () => ({
  ledger: async () => ({ dropExpiredDevices: (id: string) => step(id, true)() }),
}));
await import("../../../functions/retention.js");

const STEPS = ["signatures", "keys", "webhooks", "deliveries", "requests", "r1", "r2"];
const daily = () => (world.handler as (timer: object, context: object) => Promise<void>)({}, { log: () => undefined });

beforeEach(() => {
  Object.assign(world, { done: [], failing: "" });
});

it("every day deletes what is old, and nothing of a release that runs", async () => {
  await daily();
  expect(world.done.sort()).toEqual([...STEPS].sort());
});

it.each(["signatures", "keys", "deliveries", "requests", "r1"])(
  "deletes all the rest when %s cannot be, and fails in the end",
  async (failing) => {
    world.failing = failing;
    await expect(daily()).rejects.toThrow(failing);
    expect(world.done.sort()).toEqual(STEPS.filter((name) => name !== failing).sort());
  },
);
