import { beforeAll, describe, expect, it } from "vitest";
import { type FunctionInvoker, memoryStore } from "../../../../../infra/local/durable/index.js";
import { Hub } from "./hub.js";
import { invokerOf } from "./invoker.js";
import { registerScenarios } from "./scenarios.js";

describe("storage transactions", () => {
  let invoker: FunctionInvoker;

  beforeAll(() => {
    invoker = invokerOf(registerScenarios);
  });

  async function transactionsOf(name: string, input?: unknown): Promise<number> {
    const store = memoryStore();
    const hub = await Hub.start(store, invoker);
    const before = store.transactions();
    await hub.start(name, input);
    await hub.run();
    return store.transactions() - before;
  }

  it("are one per episode, plus three for the life of the instance", async () => {
    // Index, acceptance, four episodes (start and three completions), closing.
    expect(await transactionsOf("steps")).toBe(3 + 4);
  });

  it("do not grow with the width of a fan-out by more than one per completion", async () => {
    expect(await transactionsOf("fanOut", 50)).toBeLessThanOrEqual(3 + 1 + 50);
  });

  it("need no inbox rows for messages between instances", async () => {
    // Per child: index, one episode, the end, closing. Parent: three, plus one episode for each child and the first.
    expect(await transactionsOf("parent")).toBeLessThanOrEqual(4 * 4 + 3 + 5);
  });

  it("on restart are the lease, the index, and one reading per unfinished instance", async () => {
    const store = memoryStore();
    const hub = await Hub.start(store, invoker);
    for (let i = 0; i < 20; i++) await hub.start("steps");
    await hub.run();
    await hub.start("waits");
    await hub.settle();
    const before = store.transactions();
    await hub.restart();
    await hub.settle();
    expect(store.transactions() - before).toBe(2 + 1 + 1);
  });
});
