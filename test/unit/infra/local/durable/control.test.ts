import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FunctionInvoker, memoryStore } from "../../../../../infra/local/durable/index.js";
import { Hub } from "./hub.js";
import { invokerOf } from "./invoker.js";
import { registerScenarios, runs } from "./scenarios.js";

describe("control of instances", () => {
  let invoker: FunctionInvoker;
  let h: Hub;

  beforeAll(() => {
    invoker = invokerOf(registerScenarios);
  });
  beforeEach(async () => {
    h = await Hub.start(memoryStore(), invoker);
    runs.clear();
  });

  const statusOf = async (id: string) => (await h.engine.api.status(id)).runtimeStatus;
  const ran = (key: string) => runs.get(key) ?? 0;

  describe("suspend and resume", () => {
    it("hold events and timers and deliver them on resume, restart included", async () => {
      const id = await h.start("waits");
      await h.settle();
      await h.engine.api.suspend(id, "why");
      await h.raise(id, "A", 1);
      await h.raise(id, "B", 2);
      await h.settle();
      expect(await statusOf(id)).toBe("Suspended");
      await h.restart();
      await h.settle();
      expect(await statusOf(id)).toBe("Suspended");
      await h.engine.api.resume(id, "go");
      await h.run();
      expect(await h.outputOf(id)).toEqual({ a: 1, b: 2 });
    });

    it("let a timer count while suspended", async () => {
      const id = await h.start("child", { n: 3, wait: 60 });
      await h.settle();
      await h.engine.api.suspend(id, "");
      await h.run();
      expect(h.seconds).toBe(60);
      expect(await statusOf(id)).toBe("Suspended");
      await h.restart();
      await h.engine.api.resume(id, "");
      await h.run();
      expect(await h.outputOf(id)).toBe(6);
      expect(h.seconds).toBe(60);
    });

    it("suspend before the first episode", async () => {
      const id = await h.start("steps");
      await h.engine.api.suspend(id, "");
      await h.settle();
      const before = await statusOf(id);
      await h.engine.api.resume(id, "").catch(() => undefined);
      await h.run();
      expect(["Suspended", "Completed"]).toContain(before);
      expect(await h.outputOf(id)).toBe("done");
    });

    it("refuse what makes no sense in the present state", async () => {
      const id = await h.start("waits");
      await h.settle();
      await expect(h.engine.api.resume(id, "")).rejects.toThrow("because instance is in the Running state");
      await h.engine.api.suspend(id, "");
      await h.settle();
      await expect(h.engine.api.suspend(id, "")).rejects.toThrow("because instance is in the Suspended state");
    });
  });

  describe("terminate", () => {
    it("ends at once, with the reason as output, and drops late results", async () => {
      const id = await h.start("longTimer");
      await h.settle();
      await h.engine.api.terminate(id, "enough");
      await h.run();
      expect(h.seconds).toBe(0);
      expect(await h.outputOf(id)).toBe("Terminated: enough");
      await expect(h.raise(id, "A")).rejects.toMatchObject({ code: "gone" });
    });

    it("fails the parent of a terminated child", async () => {
      const id = await h.start("parentOfNamed", { id: "kid" });
      await h.engine.api.suspend(id, "");
      await h.settle();
      await h.engine.api.resume(id, "");
      await h.settle();
      expect(await h.outputOf(id)).toBe(2);
    });

    it("reaches a suspended instance", async () => {
      const id = await h.start("waits");
      await h.settle();
      await h.engine.api.suspend(id, "");
      await h.engine.api.terminate(id, "now");
      await h.settle();
      expect(await statusOf(id)).toBe("Terminated");
    });
  });

  describe("rewind", () => {
    it("runs only the failed activity of a sequence again", async () => {
      const id = await h.start("rewindSequence");
      await h.run();
      expect(await statusOf(id)).toBe("Failed");
      await h.engine.api.rewind(id, "again");
      await h.run();
      expect(await h.outputOf(id)).toBe("ok after 2");
      expect([ran(`${id} f`), ran(`${id} sometimes`), ran(`${id} g`)]).toEqual([1, 2, 1]);
    });

    it("rewinds a failed child and completes the parent from it", async () => {
      const id = await h.start("parentOfFlaky", { key: "kid", failures: 1 });
      await h.run();
      expect(await statusOf(id)).toBe("Failed");
      await h.engine.api.rewind(id, "");
      await h.run();
      expect(await h.outputOf(id)).toEqual([`${id} before`, "ok after 2"]);
      expect(ran(`${id} before`)).toBe(1);
    });

    it("runs both failed tasks of a fan-out again, after a restart too", async () => {
      const id = await h.start("rewindFan");
      await h.run();
      expect(await statusOf(id)).toBe("Failed");
      await h.restart();
      await h.engine.api.rewind(id, "");
      await h.run();
      expect(await h.outputOf(id)).toEqual([`${id} ok`, "ok after 2", "ok after 2"]);
      expect(ran(`${id} ok`)).toBe(1);
    });

    it("is refused for running and for completed instances", async () => {
      const running = await h.start("waits");
      const done = await h.start("steps");
      await h.run();
      await expect(h.engine.api.rewind(running, "")).rejects.toMatchObject({ code: "rule_violated" });
      await expect(h.engine.api.rewind(done, "")).rejects.toMatchObject({ code: "gone" });
      await expect(h.engine.api.rewind("nobody", "")).rejects.toMatchObject({ code: "not_found" });
    });
  });

  describe("instance ids", () => {
    it("can be used again when the instance has ended, and nothing of it remains", async () => {
      await h.output("keepsStatus", 0, "x");
      await h.output("steps", undefined, "x");
      const status = await h.engine.api.status("x");
      expect(status).toMatchObject({ name: "steps", output: '"done"', customStatus: null });
    });

    it("cannot be used again while the instance runs", async () => {
      await h.start("waits", undefined, "x");
      await h.settle();
      const text = "An Orchestration instance with the status Running already exists.";
      await expect(h.start("steps", undefined, "x")).rejects.toMatchObject({ code: "conflict", message: text });
    });

    it("can always be used again when any state is overridable", async () => {
      const any = await Hub.start(memoryStore(), invoker, { overridableExistingInstanceStates: "AnyState" });
      await any.start("waits", undefined, "x");
      await any.settle();
      expect(await any.output("steps", undefined, "x")).toBe("done");
    });

    it.each(["", "a/b", "a\\b", "a#b", "a?b", "@a@b", "x".repeat(257), "a\u0007b"])("refuse %j", async (id) => {
      await expect(h.engine.api.startNew("steps", { instanceId: id })).rejects.toMatchObject({ code: "invalid_input" });
    });
  });

  describe("restart and purge", () => {
    it("restart with the same input under a new id or the same", async () => {
      const id = await h.start("inputs", { z: 1 });
      await h.run();
      const other = await h.engine.api.restart(id);
      expect(await h.engine.api.restart(id, false)).toBe(id);
      await h.run();
      expect(await h.outputOf(other)).toMatchObject({ input: { z: 1 } });
      expect(await h.outputOf(id)).toMatchObject({ input: { z: 1 } });
    });

    it("purge removes an ended instance once, and no running one", async () => {
      const id = await h.start("steps");
      const running = await h.start("waits");
      await h.run();
      expect(await h.engine.api.purge(id)).toBe(1);
      expect(await h.engine.api.purge(id)).toBe(0);
      await expect(h.engine.api.status(id)).rejects.toMatchObject({ code: "not_found" });
      await expect(h.engine.api.purge(running)).rejects.toMatchObject({ code: "rule_violated" });
      await h.restart();
      await expect(h.engine.api.status(id)).rejects.toMatchObject({ code: "not_found" });
    });

    it("purge removes an entity at any time", async () => {
      await h.engine.api.signalEntity("Counter", "p", "add", "1");
      await h.settle();
      expect(await h.engine.api.purge("@counter@p")).toBe(1);
      expect(await h.engine.api.purge("@counter@p")).toBe(0);
      expect(await h.engine.api.readEntity("Counter", "p")).toBeUndefined();
    });

    it("purge by filter takes what ended in the period", async () => {
      await h.start("steps");
      await h.start("waits");
      await h.run();
      expect(await h.engine.api.purgeBy({ createdFrom: "2026-02-01T00:00:00.000Z" })).toBe(0);
      expect(await h.engine.api.purgeBy({ createdFrom: "2025-01-01T00:00:00.000Z", statuses: ["Failed"] })).toBe(0);
      expect(await h.engine.api.purgeBy({ createdFrom: "2025-01-01T00:00:00.000Z" })).toBe(1);
    });
  });

  describe("lists", () => {
    it("come in pages, each instance once, by filter, after a restart too", async () => {
      for (let i = 0; i < 7; i++) await h.start("steps", undefined, `s${i}`);
      for (let i = 0; i < 3; i++) await h.start("waits", undefined, `w${i}`);
      await h.run();
      await h.engine.api.signalEntity("Counter", "not-listed", "add", "1");
      await h.restart();
      const seen: string[] = [];
      let pages = 0;
      for (let token: string | undefined = ""; token !== undefined; pages++) {
        const page = await h.engine.api.list({ top: 4, ...(token === "" ? {} : { continuationToken: token }) });
        seen.push(...page.instances.map((instance) => instance.instanceId));
        token = page.continuationToken;
      }
      expect(pages).toBe(3);
      expect(seen.sort()).toEqual(["s0", "s1", "s2", "s3", "s4", "s5", "s6", "w0", "w1", "w2"]);
      const running = await h.engine.api.list({ statuses: ["Running"], idPrefix: "w" });
      expect(running.instances.map((instance) => instance.runtimeStatus)).toEqual(["Running", "Running", "Running"]);
      const early = await h.engine.api.list({ createdTo: "2025-12-31T00:00:00.000Z" });
      expect(early.instances).toEqual([]);
    });
  });

  describe("idle", () => {
    it("is false from the acceptance of work until all of it is saved", async () => {
      const started = h.start("steps");
      expect(h.engine.idle()).toBe(false);
      await started;
      const before = h.engine.activity();
      expect(h.engine.idle()).toBe(false);
      await h.settle();
      expect(h.engine.idle()).toBe(true);
      expect(h.engine.activity()).toBeGreaterThan(before);
    });

    it("is true while only timers are pending", async () => {
      await h.start("longTimer");
      await h.settle();
      expect(h.engine.idle()).toBe(true);
    });
  });

  it("two runs with the same seed do the same", async () => {
    const history = async () => {
      const hub = await Hub.start(memoryStore(), invoker);
      const id = await hub.start("journey", { round: 0 }, "same");
      await hub.raise(id, "Early", 1);
      await hub.raise(id, "Late", 2);
      await hub.run();
      return (await hub.engine.api.status(id)).history;
    };
    expect(await history()).toEqual(await history());
  });
});
