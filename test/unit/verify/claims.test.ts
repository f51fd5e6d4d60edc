import { describe, expect, it } from "vitest";
import type { Summary } from "../../../infra/local/world/simulation.js";
import { pausedBefore } from "../../verify/checks/bad-update.js";
import { moments } from "../../verify/killer.js";

describe("a pause before a ring", () => {
  const summary = (pausedAt: string | null, openedAt: string | null) =>
    ({ pausedAt, rings: [{ openedAt: "2024-06-11T17:00:00Z" }, { openedAt }] }) as unknown as Summary;

  it.each([
    ["the ring never opened", "2024-06-12T00:00:00Z", null, true],
    ["the ring opened later", "2024-06-12T00:00:00Z", "2024-06-12T00:00:01Z", true],
    ["the ring opened at the same instant", "2024-06-12T00:00:00Z", "2024-06-12T00:00:00Z", false],
    ["the ring had opened", "2024-06-12T00:00:00Z", "2024-06-11T23:59:59Z", false],
    ["nothing was paused", null, null, false],
  ] as const)("%s", (_, pausedAt, openedAt, expected) => {
    expect(pausedBefore(summary(pausedAt, openedAt), 1)).toBe(expected);
  });
});

describe("the moments of a kill plan", () => {
  const plan = { seed: 4, kills: 25, overMs: 60_000 };

  it("are in order, within the run and as many as wanted", () => {
    const found = moments(plan);
    expect(found).toHaveLength(25);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found.every((moment) => moment >= 0 && moment < plan.overMs)).toBe(true);
  });

  it("are those of the seed", () => {
    expect(moments(plan)).toEqual(moments(plan));
    expect(moments({ ...plan, seed: 5 })).not.toEqual(moments(plan));
  });
});
