import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/discovery.js");

const START = Date.parse("2024-06-03T08:10:00Z");
const found = (...groupIds: string[]) => ({
  groupIds,
  devices: 30,
  registered: 28,
  notRegistered: 2,
  changed: 30,
  missing: [],
});
const still = { added: 0, removed: 0, left: 0, gone: 0, adopted: 0 };

function discovery(input: unknown, activities: Script["activities"]) {
  const orchestrator = orchestrators.get("discovery");
  if (orchestrator === undefined) throw new Error("The orchestration did not register.");
  return play(orchestrator, { start: START, input, activities });
}

/** Fills that move so many devices per look until none is left, by group. */
function filling(left: Record<string, number>, atOnce: number) {
  return ({ groupId }: { groupId: string }) => {
    const now = Math.min(atOnce, left[groupId] ?? 0);
    left[groupId] = (left[groupId] ?? 0) - now;
    return { ...still, added: now, left: left[groupId] };
  };
}

describe("a discovery", () => {
  it("surveys, then fills every group's rings until a look finds nothing to change", () => {
    const { result, calls } = discovery(
      { survey: "all" },
      { surveyDevices: () => found("a", "b"), fillRings: filling({ a: 2500, b: 0 }, 2000) },
    );
    expect(calls).toEqual(["surveyDevices", "fillRings", "fillRings", "fillRings", "fillRings"]);
    expect(result).toMatchObject({ phase: "done", devices: 30, registered: 28, moved: 2500, left: 0, problems: [] });
  });

  it("waits before it reads back what it changed", () => {
    const { endedAt } = discovery({ survey: "none", fill: ["a"] }, { fillRings: filling({ a: 1 }, 1) });
    expect(endedAt - START).toBe(15_000);
  });

  it("passes its scope to the survey", () => {
    const scopes: unknown[] = [];
    const surveyDevices = (scope: unknown) => {
      scopes.push(scope);
      return found();
    };
    discovery({ survey: "all" }, { surveyDevices });
    discovery({ survey: ["a"] }, { surveyDevices });
    discovery({ survey: "daily" }, { surveyDevices });
    expect(scopes).toEqual([{}, { groupIds: ["a"] }, { daily: true }]);
  });

  it("goes on with the other groups when one is refused, and tries that one again every hour", () => {
    const fills: string[] = [];
    const { continued, endedAt } = discovery(
      { survey: "none", fill: ["a", "b"] },
      {
        fillRings: ({ groupId }: { groupId: string }) => {
          fills.push(groupId);
          if (groupId === "a") throw new AppError("forbidden", "Grant the permission.");
          return still;
        },
      },
    );
    expect([fills, continued, endedAt - START]).toEqual([["a", "b"], true, HOUR_MS]);
  });

  it("leaves it to the next discovery after twenty attempts", () => {
    const { result } = discovery(
      { survey: "none", fill: ["a"], attempt: 20 },
      {
        fillRings: () => {
          throw new AppError("forbidden", "Grant the permission.");
        },
      },
    );
    expect(result).toMatchObject({ phase: "done", problems: ["a: Grant the permission."] });
  });

  it("keeps its history short however many looks it takes", () => {
    const { continued, calls } = discovery({ survey: "none", fill: ["a"] }, { fillRings: filling({ a: 100 }, 1) });
    expect([continued, calls.length]).toEqual([true, 20]);
  });

  it("ends though the directory does not keep what it accepts", () => {
    const { result } = discovery(
      { survey: "none", fill: ["a"], rounds: 195 },
      { fillRings: () => ({ ...still, added: 1, left: 0 }) },
    );
    expect(result).toMatchObject({ phase: "done", moved: 5 });
  });
});
