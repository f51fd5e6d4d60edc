import { describe, expect, it } from "vitest";
import type { BatchRequest } from "../../../../shared/graph/graph.js";
import { errorBody, script } from "./scripted.js";

const remove = (id: number): BatchRequest => ({ method: "DELETE", path: `/x/${id}` });
const steps = (count: number) => Array.from({ length: count }, (_, at) => remove(at));
const done = (...ids: number[]) => ids.map((id) => ({ id: String(id), status: 204 }));
const upTo = (count: number) => done(...Array.from({ length: count }, (_, at) => at + 1));

describe("batch", () => {
  it("sends 20 steps at a time and reports nothing when all succeed", async () => {
    const { graph, sent } = script(
      { on: "POST /v1.0/$batch", body: { responses: upTo(20) } },
      { on: "POST /v1.0/$batch", body: { responses: upTo(5) } },
    );
    expect(await graph.batch(steps(25), { version: "v1.0" })).toEqual([]);
    expect(sent.map(({ body }) => (body as { requests: unknown[] }).requests.length)).toEqual([20, 5]);
  });

  it("gives each step an id, a relative URL and a content type where it has a body", async () => {
    const { graph, sent } = script({ on: "POST /beta/$batch", body: { responses: upTo(2) } });
    await graph.batch([remove(7), { method: "PATCH", path: "/y", body: { a: 1 } }]);
    expect(sent[0]?.body).toEqual({
      requests: [
        { id: "1", method: "DELETE", url: "/x/7" },
        { id: "2", method: "PATCH", url: "/y", headers: { "Content-Type": "application/json" }, body: { a: 1 } },
      ],
    });
  });

  it("reports only the failed steps, in whatever order the answers come", async () => {
    const responses = [{ id: "3", status: 404, body: errorBody("itemNotFound") }, ...done(2, 1)];
    const { graph } = script({ on: "POST /beta/$batch", body: { responses } });
    const failed = await graph.batch(steps(3));
    expect(failed.map(({ index, error }) => [index, error.code])).toEqual([[2, "not_found"]]);
  });

  it("gives a throttled step the wait of its own Retry-After", async () => {
    const responses = [...done(1), { id: "2", status: 429, headers: { "Retry-After": "7" } }];
    const { graph } = script({ on: "POST /beta/$batch", body: { responses } });
    const [failed] = await graph.batch(steps(2));
    expect([failed?.error.code, failed?.error.retryAfterSeconds]).toEqual(["throttled", 7]);
  });

  it("sends no further batch once a step was throttled", async () => {
    const responses = [...upTo(19), { id: "20", status: 429, headers: { "Retry-After": "7" } }];
    const { graph, sent } = script({ on: "POST /beta/$batch", body: { responses } });
    const failed = await graph.batch(steps(45));
    expect(sent).toHaveLength(1);
    expect(failed.map(({ index }) => index)).toEqual([19, ...Array.from({ length: 25 }, (_, at) => 20 + at)]);
    expect(failed.every(({ error }) => error.code === "throttled")).toBe(true);
  });

  it("counts a step without an answer, or with a failed dependency, as unavailable", async () => {
    const { graph } = script({ on: "POST /beta/$batch", body: { responses: [{ id: "1", status: 424 }] } });
    const failed = await graph.batch(steps(2));
    expect(failed.map(({ error }) => error.code)).toEqual(["unavailable", "unavailable"]);
  });
});
