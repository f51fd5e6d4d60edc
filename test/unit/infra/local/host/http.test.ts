import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningHost } from "../../../../../infra/local/host/host.js";
import { fixtureApp, start } from "./fixture.js";

describe("HTTP functions of a CommonJS app", () => {
  let host: RunningHost;
  beforeAll(async () => {
    host = await start(fixtureApp("cjs"));
  });
  afterAll(() => host.stop());
  const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

  test("route and query parameters reach the handler, and its answer the caller", async () => {
    const response = await call("/api/things/5/a/b?q=7", { method: "PUT" });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-own")).toBe("1");
    expect(response.headers.get("set-cookie")).toBe("c=1; max-age=5; samesite=strict; httponly");
    expect(await response.json()).toEqual({ params: { id: "5", rest: "a/b" }, query: "7", method: "PUT" });
  });

  test("a body of bytes comes back byte by byte", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const response = await call("/api/echo", { method: "POST", body: bytes });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  test.each([
    ["a handler that returns nothing answers 204", "/api/nothing", "GET", 204],
    ["a handler that returns text fails", "/api/text", "GET", 500],
    ["a handler that throws answers 500", "/api/forgiven", "GET", 500],
    ["a constraint that does not hold is no match", "/api/things/x/y", "GET", 404],
    ["a method that is not listed is no match", "/api/things/5/y", "DELETE", 404],
    ["HEAD is not implied by GET", "/api/nothing", "HEAD", 404],
    ["an unknown path is not found", "/api/unheard", "GET", 404],
    ["the root answers by itself", "/", "GET", 200],
    ["keys are not asked for", "/api/mastered", "GET", 200],
  ])("%s", async (_, path, method, status) => {
    expect((await call(path, { method })).status).toBe(status);
  });

  test("hooks share their data, replace the handler and change the result", async () => {
    const response = await call("/api/hooked");
    expect(response.headers.get("x-wrapped")).toBe("yes");
    expect(await response.json()).toEqual({ calls: 1 });
  });

  test("the status tells that the host runs", async () => {
    expect(await (await call("/admin/host/status")).json()).toMatchObject({ state: "Running" });
    expect((await call("/admin/host/ping")).status).toBe(200);
  });

  test("the list of functions names routes and entry files", async () => {
    const list = (await (await call("/admin/functions")).json()) as { name: string }[];
    expect(list.find(({ name }) => name === "thing")).toMatchObject({
      invoke_url_template: `${host.url}/api/things/{id:int}/{*rest}`,
      methods: ["GET", "PUT"],
      config: { scriptFile: "index.js" },
    });
  });

  test("an HTTP function cannot be started by hand", async () => {
    expect((await call("/admin/functions/thing", { method: "POST", body: "{}" })).status).toBe(400);
  });
});

describe("keys", () => {
  let host: RunningHost;
  beforeAll(async () => {
    const env = { HOST_MASTER_KEY: "master", HOST_FUNCTION_KEY: "ordinary" };
    host = await start(fixtureApp("cjs"), { auth: true, env });
  });
  afterAll(() => host.stop());

  test.each([
    ["/api/nothing", undefined, 204],
    ["/api/keyed", undefined, 401],
    ["/api/keyed", "wrong", 401],
    ["/api/keyed", "ordinary", 200],
    ["/api/keyed", "master", 200],
    ["/api/mastered", "ordinary", 401],
    ["/api/mastered", "master", 200],
    ["/admin/functions", "ordinary", 401],
    ["/admin/functions", "master", 200],
    ["/admin/host/status", undefined, 200],
  ])("%s with key %s answers %i", async (path, key, status) => {
    const headers: Record<string, string> = key === undefined ? {} : { "x-functions-key": key };
    expect((await fetch(`${host.url}${path}`, { headers })).status).toBe(status);
    if (key === undefined) return;
    expect((await fetch(`${host.url}${path}?code=${key}`)).status).toBe(status);
  });
});

describe("host.json", () => {
  test("route prefix and custom headers hold for every answer", async () => {
    const env = {
      AzureFunctionsJobHost__extensions__http__routePrefix: "",
      AzureFunctionsJobHost__extensions__http__customHeaders__x_frame: "deny",
    };
    const host = await start(fixtureApp("cjs"), { env });
    const response = await fetch(`${host.url}/nothing`);
    await host.stop();
    expect(response.status).toBe(204);
    expect(response.headers.get("x_frame")).toBe("deny");
  });

  test("disabled functions are not served", async () => {
    const host = await start(fixtureApp("cjs"), { env: { "AzureWebJobs.nothing.Disabled": "true" } });
    const response = await fetch(`${host.url}/api/nothing`);
    await host.stop();
    expect(response.status).toBe(404);
    expect(host.functions).not.toContain("nothing");
  });
});

test("stopping lets a request that runs finish", async () => {
  const host = await start(fixtureApp("cjs"));
  const answer = fetch(`${host.url}/api/slow`);
  await expect.poll(() => host.idle()).toBe(false);
  await host.stop();
  expect(await (await answer).text()).toBe("done");
});
