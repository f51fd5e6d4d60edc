import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { DurableStore, EngineOptions, FunctionInvoker } from "../../../../../infra/local/durable/index.js";
import { Hub } from "./hub.js";
import { invokerOf } from "./invoker.js";
import { registerScenarios } from "./scenarios.js";

/** The samples of functions-host.md §11 and the semantics of its §4, on any store. */
export function goldenSamples(
  newStore: () => Promise<DurableStore>,
  mode: Partial<EngineOptions> = { serial: true },
): void {
  let invoker: FunctionInvoker;
  const hub = async () => Hub.start(await newStore(), invoker, mode);

  beforeAll(() => {
    invoker = invokerOf(registerScenarios);
  });

  describe("orchestrations", () => {
    it("runs activities, timers and events to the recorded result", async () => {
      const h = await hub();
      const id = await h.start("approval");
      await h.run(1800);
      await h.raise(id, "Approval", { by: "bob" });
      await h.run();
      const status = await h.engine.api.status(id);
      expect(JSON.parse(status.output ?? "")).toMatchObject({ a: "Hello Tokyo", approved: { by: "bob" } });
      expect(status.customStatus).toBe('{"step":1,"replay":true}');
    });

    it("keeps an event that comes before anybody waits for it", async () => {
      const h = await hub();
      const id = await h.start("approval");
      await h.raise(id, "Approval", 7);
      expect(h.seconds).toBe(0);
      await h.run();
      expect(await h.outputOf(id)).toMatchObject({ approved: 7 });
      expect(h.seconds).toBe(0);
    });

    it("passes inputs of every JSON type to activities and back", async () => {
      const h = await hub();
      const results = [0, "", "5", 5, null, { a: 1 }, [1], true, null];
      expect(await h.output("inputs", "in")).toEqual({ results, input: "in" });
    });

    it("retries a failing activity until it succeeds", async () => {
      const h = await hub();
      expect(await h.output("retryOk", { key: randomUUID(), failures: 2 })).toEqual({
        r: "ok after 3",
      });
      expect(h.seconds).toBe(10);
    });

    it("gives up after the last attempt, the waits growing by the coefficient", async () => {
      const h = await hub();
      const message = "Activity function 'always' failed: nope";
      expect(await h.output("retryFail")).toEqual({ message, after: 7 });
      expect(h.engine.stats().executions).toBe(4 + 9);
    });

    it("stops retrying when the retry timeout has passed", async () => {
      const h = await hub();
      expect(await h.output("retryTimeout")).toBe(30);
    });

    it("segments a timer of 400 days", async () => {
      const h = await hub();
      expect(await h.output("longTimer")).toBe(400);
      expect(h.engine.stats().executions).toBe(134);
    });

    it("completes at once when the losing timer is cancelled", async () => {
      const h = await hub();
      expect(await h.output("race", "cancel")).toBe(true);
      expect(h.seconds).toBe(0);
    });

    it("stays running until the losing timer has fired when it is not cancelled", async () => {
      const h = await hub();
      const id = await h.start("race");
      await h.run(30);
      expect((await h.engine.api.status(id)).runtimeStatus).toBe("Running");
      await h.run();
      expect(await h.outputOf(id)).toBe(true);
      expect(h.seconds).toBe(60);
    });

    it("cancels a segmented timer", async () => {
      const h = await hub();
      expect(await h.output("longRace")).toBe(true);
      expect(h.seconds).toBe(0);
    });

    it("keeps the id of a task object that is awaited twice", async () => {
      const h = await hub();
      expect(await h.output("reuse")).toEqual(["t1", "t2", "slept", "end"]);
      expect(h.seconds).toBe(10);
    });

    it("delivers what is ready in one episode", async () => {
      const h = await hub();
      expect(await h.output("fanOut", 50)).toBe(1225);
    });

    it("fails with the library's text, empty messages included", async () => {
      const h = await hub();
      expect(await h.output("emptyError")).toBe("Failed: Orchestrator function 'emptyError' failed: ");
      expect(await h.output("yieldsNumber")).toContain("yielded data of type number");
      expect(await h.output("unknownActivity")).toContain("The function 'missing' doesn't exist, is disabled");
    });

    it("carries values far beyond what a table property holds", async () => {
      const h = await hub();
      expect(await h.output("bigOutput", 2_500_000)).toBe(2_500_000);
    });
  });

  describe("sub-orchestrations", () => {
    it("run side by side and give their outputs to the parent", async () => {
      const h = await hub();
      expect(await h.output("parent")).toEqual([2, 4, 6, 8]);
      expect(h.seconds).toBe(4);
    });

    it("hand their failure to the parent", async () => {
      const h = await hub();
      const text = `Orchestrator function 'childFail' failed: kid died {"z":1} parent=p1 \n `;
      expect(await h.output("parentOfFailing", undefined, "p1")).toBe(text);
    });

    it("fail when their id belongs to a running instance", async () => {
      const h = await hub();
      await h.start("waits", undefined, "busy");
      await h.settle();
      expect(await h.output("parentOfNamed", { id: "busy" })).toContain("with the status Running already exists");
    });

    it("replace a finished instance with their id", async () => {
      const h = await hub();
      await h.output("inputs", 1, "done");
      expect(await h.output("parentOfNamed", { id: "done" })).toBe(2);
      expect(await h.outputOf("done")).toBe(2);
    });
  });

  describe("entities", () => {
    it("apply signals in order, answer calls, report errors and relay signals", async () => {
      const h = await hub();
      expect(await h.output("entityOps")).toEqual({ v: 5, err: "Error: [object Object]", o: 5 });
    });

    it("let the holder of locks work alone on them", async () => {
      const h = await hub();
      expect(await h.output("transfer")).toEqual({ a: 0, after: "after", x: 10, y: -10 });
    });

    it("grant a lock to one after the other", async () => {
      const h = await hub();
      const ids = [await h.start("holdLock", { key: "L", hold: 5 }), await h.start("holdLock", { key: "L", hold: 5 })];
      await h.run();
      expect(await Promise.all(ids.map((id) => h.outputOf(id)))).toEqual([
        "2026-01-01T00:00:05.000Z",
        "2026-01-01T00:00:10.000Z",
      ]);
    });

    it("are unlocked when the holder fails or is terminated", async () => {
      const h = await hub();
      await h.output("lockAndFail", "M");
      const holder = await h.start("holdLock", { key: "M", hold: 100 });
      await h.settle();
      await h.engine.api.terminate(holder, "enough");
      await h.settle();
      await h.output("holdLock", { key: "M", hold: 1 });
      expect(h.seconds).toBe(100 - 99);
    });

    it("do not stay locked for a requester that ended while it waited", async () => {
      const h = await hub();
      const first = await h.start("holdLock", { key: "N", hold: 10 });
      const second = await h.start("holdLock", { key: "N", hold: 1000 });
      await h.settle();
      await h.engine.api.terminate(second, "never mind");
      const third = await h.start("holdLock", { key: "N", hold: 1 });
      await h.run();
      expect(await h.outputOf(first)).toBe("2026-01-01T00:00:10.000Z");
      expect(await h.outputOf(third)).toBe("2026-01-01T00:00:11.000Z");
    });

    it("answer calls to an unknown entity with an error", async () => {
      const h = await hub();
      expect(await h.output("unknownEntity")).toContain("The function 'nobody' doesn't exist");
    });

    it("take signals at their due time and can be read, listed and deleted", async () => {
      const h = await hub();
      const { api } = h.engine;
      await api.signalEntity("Counter", "K/é", "add", "4");
      await api.signalEntity("Counter", "K/é", "add", "3", "2026-01-01T01:00:00.000Z");
      await h.settle();
      expect(await api.readEntity("counter", "K/é")).toBe("4");
      await h.run();
      expect(await api.readEntity("counter", "K/é")).toBe("7");
      expect(h.seconds).toBe(3600);
      expect(await api.listEntities({ name: "Counter", fetchState: true })).toEqual([
        { entityId: { name: "counter", key: "K/é" }, lastOperationTime: "2026-01-01T01:00:00.000Z", state: "7" },
      ]);
      await api.signalEntity("Counter", "K/é", "delete");
      await h.settle();
      expect(await api.readEntity("counter", "K/é")).toBeUndefined();
      expect(await api.listEntities({})).toEqual([]);
    });
  });

  describe("continue-as-new", () => {
    it("keeps events sent at once for the generations that wait for them", async () => {
      const h = await hub();
      const id = await h.start("eventLoop", { k: 0, e: 0 });
      for (let i = 0; i < 3; i++) await h.raise(id, "E", 1);
      await h.run();
      expect(await h.outputOf(id)).toEqual({ k: 2, e: 3 });
    });

    it("keeps the order of events sent one by one or in part", async () => {
      const h = await hub();
      const id = await h.start("eventLoop", { k: 0, e: 0 });
      await h.settle();
      await h.raise(id, "E", 1);
      await h.settle();
      await h.raise(id, "E", 10);
      await h.raise(id, "E", 100);
      await h.run();
      expect(await h.outputOf(id)).toEqual({ k: 2, e: 111 });
    });

    it("keeps an event that nobody awaited", async () => {
      const h = await hub();
      const id = await h.start("unawaited", { k: 0, e: 0 });
      await h.raise(id, "E", 9);
      await h.run();
      expect(await h.outputOf(id)).toBe(9);
    });

    it("hands a string over with the quotes that the library adds", async () => {
      const h = await hub();
      expect(await h.output("stringLoop", "first")).toBe('"next"');
    });

    it("keeps the custom status", async () => {
      const h = await hub();
      const id = await h.start("keepsStatus", 0);
      await h.run();
      expect((await h.engine.api.status(id)).customStatus).toBe('"kept"');
    });
  });
}
