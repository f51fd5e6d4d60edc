import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/group-provisioning.js");

const START = Date.parse("2024-06-11T17:00:00Z");

function bring(ensureGroupPolicies: Script["activities"][string]) {
  const orchestrator = orchestrators.get("groupProvisioning");
  if (orchestrator === undefined) throw new Error("The orchestration did not register.");
  const problems: unknown[] = [];
  const performance = play(orchestrator, {
    start: START,
    input: { groupId: "workforce" },
    activities: {
      replanUpcomingRings: () => undefined,
      ensureDirectoryGroups: () => ({ wanted: "everything", replicatedAt: null, written: [] }),
      renameGroupPolicies: () => undefined,
      removeFormerRings: () => undefined,
      activateGroup: () => undefined,
      discoverGroup: () => undefined,
      noteGroupProblem: ({ problem }: { problem: string }) => {
        problems.push(problem);
      },
      ensureGroupPolicies,
    },
  });
  return { ...performance, problems };
}

describe("the settings of an edited group", () => {
  it("are noted once as not brought to the tenant, and tried every hour until they are", () => {
    let tries = 0;
    const { result, problems, endedAt } = bring(() => {
      if (tries++ < 3) throw new AppError("forbidden", "Grant the permission.");
      return { Test: "u1" };
    });
    expect([result, problems, endedAt - START]).toEqual([{ Test: "u1" }, ["Grant the permission."], 3 * HOUR_MS]);
  });

  it("are tried on with a fresh history when the problem lasts", () => {
    const { result, continued } = bring(() => {
      throw new AppError("forbidden", "Grant the permission.");
    });
    expect([result, continued]).toEqual([undefined, true]);
  });
});
