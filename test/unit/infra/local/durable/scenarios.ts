import * as df from "durable-functions";

/** How often each activity ran, by name and input. */
export const runs = new Map<string, number>();
const count = (key: string): number => {
  const n = (runs.get(key) ?? 0) + 1;
  runs.set(key, n);
  return n;
};

const seconds = (context: df.OrchestrationContext, n: number): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + n * 1000);
const elapsed = (context: df.OrchestrationContext, from: Date): number =>
  (context.df.currentUtcDateTime.getTime() - from.getTime()) / 1000;

export function registerScenarios(): void {
  activities();
  basics();
  timers();
  children();
  entities();
  events();
  journey();
}

function activities(): void {
  df.app.activity("hello", { handler: (name: unknown) => `Hello ${name}` });
  df.app.activity("echo", { handler: (input: unknown) => input });
  df.app.activity("always", {
    handler: () => {
      throw new Error("nope");
    },
  });
  df.app.activity("flaky", {
    handler: (input: unknown) => {
      const { key, failures } = input as { key: string; failures: number };
      const n = count(key);
      if (n <= failures) throw new Error(`failure ${n}`);
      return `ok after ${n}`;
    },
  });
  df.app.activity("counted", {
    handler: (input: unknown) => {
      count(String(input));
      return input;
    },
  });
}

function basics(): void {
  df.app.orchestration("approval", function* (context) {
    context.df.setCustomStatus({ step: 0 });
    const a: string = yield context.df.callActivity("hello", "Tokyo");
    const timer = context.df.createTimer(seconds(context, 3600));
    const approval = context.df.waitForExternalEvent("Approval");
    context.df.setCustomStatus({ step: 1, replay: context.df.isReplaying });
    const winner: df.Task = yield context.df.Task.any([timer, approval]);
    const approved = winner === approval ? approval.result : null;
    if (winner === approval) timer.cancel();
    return { a, approved, now: context.df.currentUtcDateTime.toISOString() };
  });
  df.app.orchestration("inputs", function* (context) {
    const values = [0, "", "5", 5, null, { a: 1 }, [1], true, undefined];
    const results: unknown[] = yield context.df.Task.all(values.map((v) => context.df.callActivity("echo", v)));
    return { results, input: context.df.getInput() };
  });
  df.app.orchestration("retryOk", function* (context) {
    const retry = new df.RetryOptions(5000, 3);
    const r: string = yield context.df.callActivityWithRetry("flaky", retry, context.df.getInput());
    return { r };
  });
  df.app.orchestration("retryFail", function* (context) {
    const retry = new df.RetryOptions(1000, 4);
    retry.backoffCoefficient = 2;
    const from = context.df.currentUtcDateTime;
    try {
      yield context.df.callActivityWithRetry("always", retry);
      return "no error";
    } catch (error) {
      return { message: String((error as Error).message).split(" \n ")[0], after: elapsed(context, from) };
    }
  });
  df.app.orchestration("retryTimeout", function* (context) {
    const retry = new df.RetryOptions(10_000, 100);
    retry.retryTimeoutInMilliseconds = 25_000;
    const from = context.df.currentUtcDateTime;
    try {
      yield context.df.callActivityWithRetry("always", retry);
      return "no error";
    } catch {
      return elapsed(context, from);
    }
  });
  df.app.orchestration("fanOut", function* (context) {
    const n = Number(context.df.getInput());
    const all: number[] = yield context.df.Task.all(
      Array.from({ length: n }, (_, i) => context.df.callActivity("echo", i)),
    );
    return all.reduce((sum, value) => sum + value, 0);
  });
  df.app.orchestration("retriedFanOut", function* (context) {
    const retry = new df.RetryOptions(1000, 3);
    const key = context.df.instanceId;
    const all: string[] = yield context.df.Task.all(
      [1, 2, 3, 4, 5, 6].map((i) =>
        context.df.callActivityWithRetry("flaky", retry, { key: `${key} ${i}`, failures: i % 3 }),
      ),
    );
    const v: number = yield context.df.callEntity(new df.EntityId("Counter", key), "add", 1);
    return { r: all.length, v };
  });
  df.app.orchestration("emptyError", function* () {
    throw new Error("");
  });
  df.app.orchestration("yieldsNumber", function* () {
    yield 5 as unknown as df.Task;
  });
  df.app.orchestration("unknownActivity", function* (context) {
    yield context.df.callActivity("missing");
  });
  df.app.orchestration("bigOutput", function* (context) {
    const text: string = yield context.df.callActivity("echo", "ü".repeat(Number(context.df.getInput())));
    return text.length;
  });
  df.app.orchestration("steps", function* (context) {
    for (const name of ["a", "b", "c"]) yield context.df.callActivity("counted", `${context.df.instanceId} ${name}`);
    return "done";
  });
}

function timers(): void {
  df.app.orchestration("longTimer", function* (context) {
    const from = context.df.currentUtcDateTime;
    yield context.df.createTimer(seconds(context, 400 * 86_400));
    return elapsed(context, from) / 86_400;
  });
  df.app.orchestration("race", function* (context) {
    const timer = context.df.createTimer(seconds(context, 60));
    const activity = context.df.callActivity("hello", "x");
    const winner: df.Task = yield context.df.Task.any([timer, activity]);
    if (context.df.getInput() === "cancel") timer.cancel();
    return winner === activity;
  });
  df.app.orchestration("longRace", function* (context) {
    const timer = context.df.createTimer(seconds(context, 30 * 86_400));
    const activity = context.df.callActivity("hello", "x");
    const winner: df.Task = yield context.df.Task.any([timer, activity]);
    timer.cancel();
    return winner === activity;
  });
  df.app.orchestration("reuse", function* (context) {
    const trace: string[] = [];
    const slow = context.df.createTimer(seconds(context, 10));
    const one = context.df.createTimer(seconds(context, 1));
    const first: df.Task = yield context.df.Task.any([slow, one]);
    trace.push(first === one ? "t1" : "?");
    const two = context.df.createTimer(seconds(context, 1));
    const second: df.Task = yield context.df.Task.any([slow, two]);
    trace.push(second === two ? "t2" : "?");
    yield slow;
    trace.push("slept");
    yield context.df.callActivity("echo", 1);
    trace.push("end");
    return trace;
  });
}

function children(): void {
  df.app.orchestration("childFail", function* (context) {
    const input = context.df.getInput();
    throw new Error(`kid died ${JSON.stringify(input)} parent=${context.df.parentInstanceId}`);
  });
  df.app.orchestration("parentOfFailing", function* (context) {
    try {
      yield context.df.callSubOrchestrator("childFail", { z: 1 });
      return "no error";
    } catch (error) {
      return (error as Error).message;
    }
  });
  df.app.orchestration("child", function* (context) {
    const { n, wait } = context.df.getInput() as { n: number; wait: number };
    if (wait > 0) yield context.df.createTimer(seconds(context, wait));
    return n * 2;
  });
  df.app.orchestration("parent", function* (context) {
    const inputs = [1, 2, 3, 4].map((n) => ({ n, wait: n }));
    const all: number[] = yield context.df.Task.all(inputs.map((i) => context.df.callSubOrchestrator("child", i)));
    return all;
  });
  df.app.orchestration("parentOfNamed", function* (context) {
    const { id } = context.df.getInput() as { id: string };
    try {
      const value: number = yield context.df.callSubOrchestrator("child", { n: 1, wait: 0 }, id);
      return value;
    } catch (error) {
      return (error as Error).message;
    }
  });
  df.app.orchestration("flakyChild", function* (context) {
    const value: string = yield context.df.callActivity("flaky", context.df.getInput());
    return value;
  });
  df.app.orchestration("parentOfFlaky", function* (context) {
    const before: string = yield context.df.callActivity("counted", `${context.df.instanceId} before`);
    const value: string = yield context.df.callSubOrchestrator("flakyChild", context.df.getInput());
    return [before, value];
  });
  df.app.orchestration("rewindSequence", function* (context) {
    const id = context.df.instanceId;
    yield context.df.callActivity("counted", `${id} f`);
    const value: string = yield context.df.callActivity("flaky", { key: `${id} sometimes`, failures: 1 });
    yield context.df.callActivity("counted", `${id} g`);
    return value;
  });
  df.app.orchestration("rewindFan", function* (context) {
    const id = context.df.instanceId;
    const all: unknown[] = yield context.df.Task.all([
      context.df.callActivity("counted", `${id} ok`),
      context.df.callActivity("flaky", { key: `${id} 1`, failures: 1 }),
      context.df.callActivity("flaky", { key: `${id} 2`, failures: 1 }),
    ]);
    return all;
  });
}

function entities(): void {
  df.app.entity("Counter", (context) => {
    const state = context.df.getState(() => 0) as number;
    switch (context.df.operationName) {
      case "add": {
        const next = state + Number(context.df.getInput() ?? 0);
        context.df.setState(next);
        context.df.return(next);
        break;
      }
      case "get":
        context.df.return(state);
        break;
      case "delete":
        context.df.destructOnExit();
        break;
      case "relay":
        context.df.signalEntity(new df.EntityId("Counter", "relayed"), "add", state);
        break;
      case "throw":
        throw new Error("entity error");
    }
  });
  df.app.orchestration("entityOps", function* (context) {
    const counter = new df.EntityId("Counter", context.df.instanceId);
    context.df.signalEntity(counter, "add", 2);
    context.df.signalEntity(counter, "add", 3);
    const v: number = yield context.df.callEntity(counter, "get");
    let err = "";
    try {
      yield context.df.callEntity(counter, "throw");
    } catch (error) {
      err = String(error);
    }
    yield context.df.callEntity(counter, "relay");
    const o: number = yield context.df.callEntity(new df.EntityId("Counter", "relayed"), "get");
    return { v, err, o };
  });
  df.app.orchestration("transfer", function* (context) {
    const key = context.df.instanceId;
    const [from, to] = [new df.EntityId("Counter", `${key}A`), new df.EntityId("Counter", `${key}B`)];
    const lock: df.DurableLock = yield context.df.lock([from, to]);
    const a: number = yield context.df.callEntity(from, "get");
    yield context.df.callEntity(from, "add", 10);
    yield context.df.callEntity(to, "add", -10);
    lock.release();
    const after: string = yield context.df.callActivity("echo", "after");
    const x: number = yield context.df.callEntity(from, "get");
    const y: number = yield context.df.callEntity(to, "get");
    return { a, after, x, y };
  });
  df.app.orchestration("holdLock", function* (context) {
    const { key, hold } = context.df.getInput() as { key: string; hold: number };
    const lock: df.DurableLock = yield context.df.lock(new df.EntityId("Counter", key));
    yield context.df.createTimer(seconds(context, hold));
    lock.release();
    return context.df.currentUtcDateTime.toISOString();
  });
  df.app.orchestration("lockAndFail", function* (context) {
    yield context.df.lock(new df.EntityId("Counter", String(context.df.getInput())));
    throw new Error("while locked");
  });
  df.app.orchestration("unknownEntity", function* (context) {
    try {
      yield context.df.callEntity(new df.EntityId("Nobody", "x"), "get");
      return "no error";
    } catch (error) {
      return (error as Error).message;
    }
  });
}

interface Loop {
  k: number;
  e: number;
}

function events(): void {
  df.app.orchestration("eventLoop", function* (context) {
    const { k, e } = context.df.getInput() as Loop;
    const event: number = yield context.df.waitForExternalEvent("E");
    if (k < 2) context.df.continueAsNew({ k: k + 1, e: e + event });
    return { k, e: e + event };
  });
  df.app.orchestration("unawaited", function* (context) {
    const { k, e } = context.df.getInput() as Loop;
    if (k === 0) {
      yield context.df.callActivity("echo", 1);
      context.df.continueAsNew({ k: 1, e });
      return null;
    }
    const event: number = yield context.df.waitForExternalEvent("E");
    return event;
  });
  df.app.orchestration("stringLoop", function* (context) {
    const input = context.df.getInput();
    if (input === "first") context.df.continueAsNew("next");
    return input;
  });
  df.app.orchestration("waits", function* (context) {
    const a: unknown = yield context.df.waitForExternalEvent("A");
    const b: unknown = yield context.df.waitForExternalEvent("B");
    return { a, b };
  });
  df.app.orchestration("keepsStatus", function* (context) {
    const n = Number(context.df.getInput());
    if (n === 0) {
      context.df.setCustomStatus("kept");
      context.df.continueAsNew(1);
    }
    return n;
  });
}

/** Everything at once: what a crash at any moment must not change. */
function journey(): void {
  df.app.orchestration("journey", function* (context) {
    const { round } = context.df.getInput() as { round: number };
    const key = context.df.instanceId;
    const total = new df.EntityId("Counter", `${key}total`);
    if (round === 0) {
      context.df.signalEntity(total, "add", 1);
      const early: number = yield context.df.waitForExternalEvent("Early");
      const children: unknown[] = yield context.df.Task.all([
        context.df.callActivity("counted", `${key} first`),
        context.df.callSubOrchestrator("journeyLeg", { key, amount: 10 }, `${key}-leg1`),
        context.df.callSubOrchestrator("journeyLeg", { key, amount: 100 }, `${key}-leg2`),
        context.df.createTimer(seconds(context, 30)),
      ]);
      context.df.signalEntity(total, "add", early);
      context.df.continueAsNew({ round: 1 });
      return children;
    }
    const late: number = yield context.df.waitForExternalEvent("Late");
    const lock: df.DurableLock = yield context.df.lock([total, new df.EntityId("Counter", `${key}B`)]);
    const sum: number = yield context.df.callEntity(total, "add", late);
    const b: number = yield context.df.callEntity(new df.EntityId("Counter", `${key}B`), "get");
    lock.release();
    yield context.df.callActivity("counted", `${key} last`);
    return { sum, b };
  });
  df.app.orchestration("journeyLeg", function* (context) {
    const { key, amount } = context.df.getInput() as { key: string; amount: number };
    const total = new df.EntityId("Counter", `${key}total`);
    const lock: df.DurableLock = yield context.df.lock([total, new df.EntityId("Counter", `${key}B`)]);
    yield context.df.callEntity(total, "add", amount);
    yield context.df.createTimer(seconds(context, 5));
    const b: number = yield context.df.callEntity(new df.EntityId("Counter", `${key}B`), "add", -amount);
    lock.release();
    const again: string = yield context.df.callActivityWithRetry("echo", new df.RetryOptions(1000, 2), "x");
    return [b, again];
  });
}
