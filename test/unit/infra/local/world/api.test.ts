import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Api } from "../../../../../infra/local/world/api.js";

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("calls carry the function key below /api/v1", async () => {
  const url = await serve((request, response) => {
    response.end(JSON.stringify({ path: request.url, key: request.headers["x-functions-key"] }));
  });
  expect(await new Api(url, "secret").get("/status")).toEqual({ path: "/api/v1/status", key: "secret" });
});

it("an error names the call, the status and what the app said", async () => {
  const url = await serve((_, response) => response.writeHead(404).end("no such release"));
  await expect(new Api(url, "secret").get("/releases/x")).rejects.toThrow(
    "GET /releases/x answered 404: no such release",
  );
});

it("a question that a restart of the app interrupted is asked again", async () => {
  let starts = 1;
  const url = await serve((request, response) => {
    if (starts === 2) {
      response.end('"the second start answers"');
      return;
    }
    starts = 2;
    request.socket.destroy();
  });
  const api = new Api(url, "secret", { ready: async () => starts });
  expect(await api.get("/status")).toBe("the second start answers");
});

it("an order is not given twice", async () => {
  let asked = 0;
  const url = await serve((request) => {
    asked++;
    request.socket.destroy();
  });
  const api = new Api(url, "secret", { ready: async () => asked });
  await expect(api.send("POST", "/releases/x/pause")).rejects.toThrow();
  expect(asked).toBe(1);
});

it("an order may carry a key, from which the id of what it creates follows", async () => {
  const url = await serve((request, response) => {
    response.end(JSON.stringify(request.headers["idempotency-key"] ?? "none"));
  });
  const api = new Api(url, "secret");
  expect(await api.send("POST", "/feature-releases", {}, "Simulation")).toBe("Simulation");
  expect(await api.send("POST", "/feature-releases", {})).toBe("none");
});
