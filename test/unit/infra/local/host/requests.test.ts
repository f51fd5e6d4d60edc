import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RequestCounter } from "../../../../../infra/local/host/requests.js";

const server = createServer((_, response) => response.end());
let url = "";
let port = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  port = String((server.address() as AddressInfo).port);
  url = `http://127.0.0.1:${port}/`;
});

afterAll(() => {
  server.close();
});

function getOnce(): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, (response) => response.resume().once("end", resolve)).once("error", reject);
  });
}

it("counts requests of node:http and of fetch by port, each once", async () => {
  const counter = new RequestCounter();
  await getOnce();
  await fetch(url);
  await fetch(url);
  counter.stop();
  expect(counter.counts()).toEqual({ [port]: 3 });
});

it("counts nothing after it stopped", async () => {
  const counter = new RequestCounter();
  counter.stop();
  await getOnce();
  await fetch(url);
  expect(counter.counts()).toEqual({});
});
