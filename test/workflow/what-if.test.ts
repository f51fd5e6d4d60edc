import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import type { WhatIfAnswer } from "../../shared/what-if/answer.js";
import type { SettledCandidate } from "../../shared/what-if/settings.js";
import { call, type Problem } from "../support/api.js";
import { pass } from "../support/devices.js";
import { Person } from "../support/people.js";
import { startWorld, type World } from "../support/world.js";

interface View {
  readonly id: string;
  readonly status: string;
  readonly statusUrl: string;
  readonly reportUrl: string;
  readonly candidates: readonly SettledCandidate[];
  readonly progress: { readonly done: number; readonly total: number; readonly percent: number };
  readonly result?: WhatIfAnswer;
}

let world: World;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8, gate: "enforce" });
  await pass(world, 90);
});
afterAll(() => world?.stop());

const CANDIDATES = [
  { name: "As it is" },
  { name: "Sooner <now>", rings: { Ring3: { qualityDeferralDays: 2 } }, gate: { mode: "off" } },
];
const request = (body: object) => call<View & Problem>(world, "POST", "/what-if", { groupId: "workforce", ...body });
const read = async (url: string) => (await call<View>(world, "GET", url.replace("/api/v1", ""))).body;

/** Asks for a what-if and waits for its end. */
async function finished(body: object): Promise<View> {
  const { status, body: asked } = await request(body);
  expect([status, asked.status]).toEqual([202, "waiting"]);
  await world.settle();
  return read(asked.statusUrl);
}

describe("a what-if of the tenant", () => {
  it("takes its devices and its group's settings, and answers for every candidate", async () => {
    const run = await finished({ candidates: CANDIDATES, months: 70, seed: 5, justification: "Before the holidays" });
    expect(run).toMatchObject({ status: "finished", progress: { done: 140, total: 140, percent: 100 } });
    const { definition } = (
      await call<{ definition: { rings: { name: string }[] } }>(world, "GET", "/groups/workforce")
    ).body;
    expect(run.candidates[0]?.rings.map(({ name }) => name)).toEqual(definition.rings.map(({ name }) => name));
    expect(run.candidates[0]?.gate.mode).toBe("enforce");
    const { devices } = run.result ?? {};
    const registered = await call<{ value: { status: string }[] }>(world, "GET", "/devices?group=workforce");
    expect(devices).toBe(registered.body.value.filter(({ status }) => status === "Registered").length);
    expect(devices).toBeGreaterThan(5);
    const [usual, sooner] = run.result?.candidates ?? [];
    expect(usual?.cases.reduce((sum, { months }) => sum + months, 0)).toBe(70);
    expect(sooner?.cases[0]?.daysTo90?.mean).toBeLessThan((usual?.cases[0]?.daysTo90?.mean ?? 0) - 1);
    const again = await finished({ candidates: CANDIDATES, months: 70, seed: 5 });
    expect(again.result).toEqual(run.result);

    const html = await (
      await fetch(`${world.api.url}${run.reportUrl}`, { headers: { "x-functions-key": "function-key-of-the-tests" } })
    ).text();
    expect(html).toContain("<title>What-if: Workforce</title>");
    expect(html).toContain("Sooner &lt;now&gt;");
    const log = await call<{ value: AuditEntry[] }>(world, "GET", "/audit?month=2024-06&top=1000");
    const requests = log.body.value.filter(({ action }) => action === "whatIf.request");
    expect(requests).toHaveLength(2);
    expect(requests.find(({ evidence }) => evidence?.whatIf === run.id)).toMatchObject({
      ...{ target: "group/workforce", justification: "Before the holidays" },
      evidence: { months: 70, seed: 5, candidates: run.candidates },
    });
  });

  it("without candidates simulates the group as it is", async () => {
    const run = await finished({ months: 1 });
    expect(run.result?.candidates.map(({ name }) => name)).toEqual(["As it is"]);
  });

  it.each([
    [{ groupId: "nobody" }, 404, "not_found", "groupId"],
    [{ months: 2_001 }, 400, "invalid_input", "months"],
    [{ candidates: [{ name: "A", gate: { alpha: 1 } }] }, 400, "invalid_input", "candidates.0.gate.alpha"],
    [{ candidates: [{ name: "A", rings: { Ring7: {} } }] }, 400, "invalid_input", "candidates[0].rings.Ring7"],
    [{ rate: 1 }, 400, "invalid_input", "rate"],
  ])("that cannot be is refused: %j", async (body, status, code, field) => {
    const refused = await request(body);
    expect([refused.status, refused.body.code, refused.body.field]).toEqual([status, code, field]);
  });

  it("is for Operators to ask for, and for Readers to read", async () => {
    const reader = new Person(world, "Rita", ["Reader"]);
    const asked = { groupId: "workforce", months: 1 };
    expect((await reader.call("POST", "/what-if", asked)).status).toBe(403);
    const operator = new Person(world, "Otto", ["Operator"]);
    const { status, body } = await operator.call<View>("POST", "/what-if", asked);
    expect(status).toBe(202);
    await world.settle();
    expect((await reader.call<View>("GET", `/what-if/${body.id}`)).body).toMatchObject({ status: "finished" });
    expect((await reader.call("GET", "/what-if/what-if-0")).body).toMatchObject({ code: "not_found" });
  });
});
