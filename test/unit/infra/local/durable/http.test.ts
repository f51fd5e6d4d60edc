import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  clientBinding,
  type DurableResponse,
  durableHttp,
  type FunctionInvoker,
  memoryStore,
} from "../../../../../infra/local/durable/index.js";
import { Hub } from "./hub.js";
import { invokerOf } from "./invoker.js";
import { registerScenarios } from "./scenarios.js";

const KEY = "k";

describe("durable HTTP API", () => {
  let invoker: FunctionInvoker;
  let hub: Hub;
  let server: Server;
  let origin: string;
  let client: df.DurableClient;

  beforeAll(async () => {
    process.env.WEBSITE_HOSTNAME = "127.0.0.1";
    process.env.NO_PROXY = "127.0.0.1,localhost";
    invoker = invokerOf(registerScenarios);
    server = createServer(async (request, response) => {
      const url = new URL(request.url ?? "", origin);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const path = url.pathname.replace(/^\/durabletask|^\/runtime\/webhooks\/durabletask/, "");
      const headers = request.headers as Record<string, string>;
      const answer = durableHttp(hub.engine, { hubName: "Hub", systemKey: KEY });
      const body = Buffer.concat(chunks);
      send(response, await answer({ method: request.method ?? "", path, query: url.searchParams, headers, body }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = clientOf(clientBinding({ hubName: "Hub", baseUrl: origin, systemKey: KEY }));
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    hub = await Hub.start(memoryStore(), invoker);
  });

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init = { method, headers: { "content-type": "application/json", ...headers } };
    const url = `${origin}/durabletask/${path}`;
    const response = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

  describe("for the real DurableClient", () => {
    it("starts with an input and reports the status", async () => {
      const id = await client.startNew("inputs", { input: { a: 1 }, instanceId: "i 1" });
      expect(id).toBe("i 1");
      await hub.run();
      const status = await client.getStatus(id);
      expect(status.runtimeStatus).toBe("Completed");
      expect(status.output).toMatchObject({ input: { a: 1 } });
    });

    it("starts without input: the orchestrator sees an empty string", async () => {
      const id = await client.startNew("inputs");
      await hub.run();
      expect((await client.getStatus(id)).output).toMatchObject({ input: "" });
    });

    it("raises events, and says when there is nobody", async () => {
      const id = await client.startNew("waits");
      await client.raiseEvent(id, "A", { x: 1 });
      await client.raiseEvent(id, "B", undefined);
      await hub.run();
      expect((await client.getStatus(id)).output).toEqual({ a: { x: 1 }, b: null });
      await expect(client.raiseEvent("nobody", "A", 1)).rejects.toThrow("No instance with ID 'nobody' found.");
      await client.raiseEvent(id, "A", 1);
    });

    it("terminates with the reason", async () => {
      const id = await client.startNew("waits");
      await hub.settle();
      await client.terminate(id, "why not?");
      await hub.settle();
      const status = await client.getStatus(id);
      expect([status.runtimeStatus, status.output]).toEqual(["Terminated", "why not?"]);
    });

    it("suspends and resumes, and says when that is impossible", async () => {
      const id = await client.startNew("waits");
      await hub.settle();
      await client.suspend(id, "r");
      await hub.settle();
      expect((await client.getStatus(id)).runtimeStatus).toBe("Suspended");
      await expect(client.suspend(id, "r")).rejects.toThrow("unexpected status code: 500");
      await client.resume(id, "r");
      await hub.settle();
      expect((await client.getStatus(id)).runtimeStatus).toBe("Running");
    });

    it("rewinds failed instances only", async () => {
      const id = await client.startNew("rewindSequence");
      await hub.run();
      await client.rewind(id, "again");
      await hub.run();
      expect((await client.getStatus(id)).runtimeStatus).toBe("Completed");
      const running = await client.startNew("waits");
      await hub.settle();
      await expect(client.rewind(running, "no")).rejects.toThrow("only supported on failed");
    });

    it("lists everything page by page, and by filter", async () => {
      for (let i = 0; i < 250; i++) await hub.start("keepsStatus", 1, `n${i}`);
      await hub.run();
      expect(await client.getStatusAll()).toHaveLength(250);
      const filter = { createdTimeFrom: new Date(0), runtimeStatus: [df.OrchestrationRuntimeStatus.Running] };
      expect(await client.getStatusBy(filter)).toEqual([]);
    });

    it("purges one instance, and many", async () => {
      const id = await client.startNew("steps");
      await client.startNew("steps");
      await hub.run();
      expect(await client.purgeInstanceHistory(id)).toEqual({ instancesDeleted: 1 });
      expect(await client.purgeInstanceHistory(id)).toEqual({ instancesDeleted: 0 });
      expect(await client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0) })).toEqual({ instancesDeleted: 1 });
    });

    it("signals and reads entities", async () => {
      const counter = new df.EntityId("Counter", "web");
      expect(await client.readEntityState(counter)).toMatchObject({ entityExists: false });
      await client.signalEntity(counter, "add", 5);
      await hub.settle();
      expect(await client.readEntityState<number>(counter)).toEqual({ entityExists: true, entityState: 5 });
    });
  });

  it("answers a start with the links of the instance", async () => {
    const { status, headers, body } = await call("POST", "orchestrators/waits/abc", 1);
    expect(status).toBe(202);
    expect(headers.get("retry-after")).toBe("10");
    expect(headers.get("location")).toBe(body.statusQueryGetUri);
    const links = `${origin}/runtime/webhooks/durabletask/instances/abc`;
    expect(body.statusQueryGetUri).toBe(`${links}?taskHub=Hub&connection=Storage&code=${KEY}`);
    expect((await fetch(body.statusQueryGetUri)).status).toBe(202);
  });

  it("gives null for what is absent, and times of second precision", async () => {
    await call("POST", "orchestrators/child/c", { n: 2, wait: 1 });
    await hub.run();
    expect((await call("GET", "instances/c")).body).toEqual({
      name: "child",
      instanceId: "c",
      runtimeStatus: "Completed",
      input: { n: 2, wait: 1 },
      customStatus: null,
      output: 4,
      createdTime: "2026-01-01T00:00:00Z",
      lastUpdatedTime: "2026-01-01T00:00:01Z",
      historyEvents: null,
    });
  });

  it("shows the history with scheduling merged into completion", async () => {
    await call("POST", "orchestrators/race/c", "cancel");
    await hub.run();
    const { body } = await call("GET", "instances/c?showHistory=true&showHistoryOutput=true");
    const types = body.historyEvents.map((event: { EventType: string }) => event.EventType);
    expect(types).toEqual(["ExecutionStarted", "TimerCreated", "TaskCompleted", "ExecutionCompleted"]);
    expect(body.historyEvents[2]).toMatchObject({ FunctionName: "hello", Result: "Hello x" });
    expect(body.historyEvents[3]).toMatchObject({ OrchestrationStatus: "Completed" });
  });

  it("answers 500 for a failed instance when asked to", async () => {
    await call("POST", "orchestrators/emptyError/c");
    await hub.run();
    expect((await call("GET", "instances/c")).status).toBe(200);
    expect((await call("GET", "instances/c?returnInternalServerErrorOnFailure=true")).status).toBe(500);
  });

  it("waits for the output when a timeout is given", async () => {
    const quick = await call("POST", "orchestrators/steps?timeout=10&pollingInterval=1");
    expect([quick.status, quick.body]).toEqual([200, "done"]);
    const slow = call("POST", "orchestrators/waits?timeout=10");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await hub.run();
    expect((await slow).status).toBe(202);
  });

  it.each([
    ["POST", "orchestrators/nobody", 400],
    ["GET", "instances/nobody", 404],
    ["DELETE", "instances/nobody", 404],
    ["DELETE", "instances/", 400],
    ["DELETE", "instances/?createdTimeFrom=2020-01-01", 404],
    ["POST", "instances/nobody/terminate?reason=x", 404],
    ["POST", "instances/nobody/restart", 404],
    ["GET", "entities/counter/none", 404],
    ["GET", "elsewhere", 404],
    ["POST", "makeprimary", 200],
  ])("answers %s %s with %i", async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
  });

  it("refuses a start for an id in use, and events that are not JSON", async () => {
    await call("POST", "orchestrators/waits/busy");
    await hub.settle();
    expect((await call("POST", "orchestrators/waits/busy")).status).toBe(409);
    expect((await call("POST", "instances/busy/raiseEvent/A", 1, { "content-type": "text/plain" })).status).toBe(400);
  });

  it("lists and deletes entities", async () => {
    for (const key of ["a", "b", "c"]) await call("POST", `entities/Counter/${key}?op=add`, 1);
    await hub.settle();
    const first = await call("GET", "entities/counter?fetchState=true&top=2");
    expect(first.body.map((row: { state: number }) => row.state)).toEqual([1, 1]);
    const token = first.headers.get("x-ms-continuation-token") ?? "";
    const second = await call("GET", "entities/?top=2", undefined, { "x-ms-continuation-token": token });
    expect(second.body).toEqual([
      { entityId: { name: "counter", key: "c" }, lastOperationTime: "2026-01-01T00:00:00.000Z" },
    ]);
    expect((await call("DELETE", "entities/counter/c")).status).toBe(202);
    await hub.settle();
    expect((await call("GET", "entities/counter/c")).status).toBe(404);
  });
});

function send(response: import("node:http").ServerResponse, answer: DurableResponse): void {
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(answer.body === undefined ? "" : text);
}

/** The client that an app gets from its durableClient input. */
function clientOf(binding: string): df.DurableClient {
  const input = df.input.durableClient();
  const context = {
    options: { extraInputs: [input] },
    extraInputs: { get: () => JSON.parse(binding) },
  } as unknown as InvocationContext;
  return df.getClient(context);
}
