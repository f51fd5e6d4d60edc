import { describe, expect, it } from "vitest";
import { type Held, unanswered } from "../../../../../infra/local/world/waiting.js";

const DAY = 86_400_000;
const held: Held = {
  ...{ id: "r", outcome: null, approvalsAsked: 1 },
  gate: { mode: "enforce", verdict: "hold", pausedAt: null },
};
const watch = (...statuses: string[]) => unanswered(async () => statuses.map((status) => ({ status })));

describe("a release that waits for people", () => {
  it("has waited enough after two weeks in which nobody answered", async () => {
    const isUnanswered = watch("Completed", "Upcoming");
    expect(await isUnanswered(held, 0)).toBe(false);
    expect(await isUnanswered(held, 14 * DAY - 1)).toBe(false);
    expect(await isUnanswered(held, 14 * DAY)).toBe(true);
  });

  it("begins to wait anew after the gate let it go on", async () => {
    const isUnanswered = watch("Completed", "Upcoming");
    await isUnanswered(held, 0);
    await isUnanswered({ ...held, gate: { ...held.gate, verdict: "continue" } }, 5 * DAY);
    expect(await isUnanswered(held, 14 * DAY)).toBe(false);
    expect(await isUnanswered(held, 28 * DAY)).toBe(true);
  });

  it.each<[string, Held, string[]]>([
    ["a ring is active", held, ["Active", "Upcoming"]],
    ["nobody was asked", { ...held, approvalsAsked: 0 }, ["Completed", "Upcoming"]],
    ["the gate only advises", { ...held, gate: { ...held.gate, mode: "advise" } }, ["Completed", "Upcoming"]],
    ["it has ended", { ...held, outcome: "completed" }, ["Completed"]],
  ])("does not wait while %s", async (_what, release, statuses) => {
    const isUnanswered = watch(...statuses);
    await isUnanswered(release, 0);
    expect(await isUnanswered(release, 30 * DAY)).toBe(false);
  });
});
