import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { AppError } from "../../../../shared/errors.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import { guarded } from "../../../../shared/graph/guard.js";
import { script } from "./scripted.js";

const refuse = async () => {
  throw new AppError("tenant_inactive", "The tenant is Inactive.");
};
const body = { displayName: "x" };
const WRITES: readonly (readonly [string, (graph: Graph) => Promise<unknown>])[] = [
  ["POST", (graph) => graph.post("/groups", body)],
  ["PATCH", (graph) => graph.patch("/groups", body)],
  ["PUT", (graph) => graph.put("/groups", body)],
  ["DELETE", (graph) => graph.delete("/groups")],
  ["POST", (graph) => graph.batch([{ method: "DELETE", path: "/groups/1" }])],
];

describe("Graph while the tenant is inactive", () => {
  it.each(WRITES)("refuses %s without a call", async (_method, write) => {
    const { graph, sent } = script();
    await expect(write(guarded(graph, refuse))).rejects.toMatchObject({ code: "tenant_inactive", retryable: false });
    expect(sent).toEqual([]);
  });

  it("goes on reading", async () => {
    const list = { on: "GET /beta/groups", body: { value: [] } };
    const graph = guarded(script({ on: "GET /beta/groups/1", body: {} }, list, list).graph, refuse);
    expect(await graph.get("/groups/1", { schema: z.unknown() })).toEqual({});
    expect(await graph.list("/groups", { schema: z.unknown() })).toEqual([]);
    for await (const page of graph.pages("/groups", { schema: z.unknown() })) expect(page).toEqual([]);
  });
});

it.each([
  ["passes a batch that only reads", ["GET", "GET"], 1],
  ["refuses a batch of which one step writes", ["GET", "PATCH"], 0],
])("while the tenant is inactive it %s", async (_what, methods, calls) => {
  const { graph, sent } = script({ on: "POST /v1.0/$batch", body: { responses: [] } });
  const requests = methods.map((method, index) => ({ id: String(index), method, url: "/groups" }));
  const batch = guarded(graph, refuse).post("/$batch", { requests }, { version: "v1.0" });
  expect((await Promise.allSettled([batch]))[0]?.status).toBe(calls === 1 ? "fulfilled" : "rejected");
  expect(sent).toHaveLength(calls);
});

it("an active tenant is asked before every write, and the write is made", async () => {
  const permit = vi.fn(async () => undefined);
  const { graph, finished } = script({ on: "POST /beta/groups", status: 201, body: { id: "1" } });
  expect((await guarded(graph, permit).post("/groups", body)).status).toBe(201);
  expect(permit).toHaveBeenCalledTimes(1);
  finished();
});
