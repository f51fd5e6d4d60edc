import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, groupBody, TestTenant } from "./support.js";

interface StepAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: Record<string, unknown>;
}

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
});
afterAll(() => test.discard());

const json = { "Content-Type": "application/json" };
const create = (id: string, name: string, more: object = {}) => {
  return { id, method: "POST", url: "/groups", headers: json, body: groupBody(name), ...more };
};
const batch = (requests: readonly object[]) => test.post("/v1.0/$batch", { requests });
const steps = (answer: Answer) => new Map((answer.json.responses as StepAnswer[]).map((step) => [step.id, step]));

describe("$batch", () => {
  it("answers 200 with the answer of every step, whatever became of it", async () => {
    const answer = await batch([create("1", "first"), { id: "2", method: "GET", url: "/groups/none" }]);
    expect(answer.status).toBe(200);
    expect(steps(answer).get("1")).toMatchObject({ status: 201, body: { displayName: "first" } });
    expect(steps(answer).get("2")).toMatchObject({
      status: 404,
      body: { error: { code: "Request_ResourceNotFound" } },
    });
  });

  it("takes twenty steps and refuses twenty-one", async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, nth) => ({ id: `${nth}`, method: "GET", url: "/groups" }));
    expect((await batch(many(20))).status).toBe(200);
    expect((await batch(many(21))).status).toBe(400);
  });

  it("refuses the same id twice", async () => {
    expect((await batch([create("1", "a"), create("1", "b")])).status).toBe(400);
  });

  it("refuses a body without a content type", async () => {
    expect((await batch([create("1", "a", { headers: {} })])).status).toBe(400);
  });

  it("answers 424 to steps that depend on a failed one, and to those that depend on them", async () => {
    const failing = { id: "1", method: "GET", url: "/groups/none" };
    const answer = await batch([
      failing,
      create("2", "b", { dependsOn: ["1"] }),
      create("3", "c", { dependsOn: ["2"] }),
    ]);
    expect(["2", "3"].map((id) => steps(answer).get(id)?.status)).toEqual([424, 424]);
  });

  it("throttles step by step, with Retry-After on the step", async () => {
    test.tenant.faults.set({ throttle: { rate: 1, retryAfterSeconds: 7 } });
    const answer = await batch([create("1", "throttled")]);
    test.tenant.faults.clear();
    expect(answer.headers["retry-after"]).toBeUndefined();
    expect(steps(answer).get("1")).toMatchObject({ status: 429, headers: { "Retry-After": expect.any(String) } });
  });
});
