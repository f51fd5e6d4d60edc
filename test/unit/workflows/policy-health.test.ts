import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.js";
import type { HealthResult } from "../../../shared/policies/health.js";
import { play, registered, type Script } from "./puppet.js";

const repairMode = vi.hoisted(() => ({ POLICY_REPAIR: "onRequest" }));
const health = vi.hoisted((): { result: unknown } => ({ result: undefined }));
vi.mock("../../../shared/config.js", () => ({ config: () => repairMode }));
vi.mock("../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../shared/policies/health.js", () => ({ checkHealth: async () => health.result }));

const { orchestrators } = registered();
await import("../../../workflows/policy-health.js");
const { lookAtPolicies } = await import("../../../workflows/activities/policy-health.js");

const START = Date.parse("2024-06-11T04:20:00Z");
const MINUTE_MS = 60_000;

function run(name: string, input: unknown, activities: Script["activities"]) {
  const orchestrator = orchestrators.get(name);
  if (orchestrator === undefined) throw new Error(`${name} did not register.`);
  return play(orchestrator, { start: START, input, activities });
}

describe("a check of policy health", () => {
  it("that finds nothing to do ends at once", () => {
    const { calls, endedAt } = run(
      "policyHealth",
      {},
      { checkPolicyHealth: () => ({ groupsToRestore: [], alertsToRepair: [] }) },
    );
    expect([calls, endedAt]).toEqual([["checkPolicyHealth"], START]);
  });

  it("has groups without a directory group provisioned, and looks again ten minutes later", () => {
    const restored: string[] = [];
    const { calls, endedAt } = run(
      "policyHealth",
      {},
      {
        checkPolicyHealth: () => ({ groupsToRestore: ["sales", "it"], alertsToRepair: [] }),
        restoreGroup: ({ groupId }: { groupId: string }) => {
          restored.push(groupId);
        },
      },
    );
    expect(restored).toEqual(["sales", "it"]);
    expect([calls.at(-1), endedAt - START]).toEqual(["checkPolicyHealth", 10 * MINUTE_MS]);
  });

  it("repairs the other alerts when one cannot be repaired, and notes what is in the way", () => {
    const notes: unknown[] = [];
    const { calls } = run(
      "policyHealth",
      {},
      {
        checkPolicyHealth: () => ({ groupsToRestore: [], alertsToRepair: ["a", "b"] }),
        repairPolicyAlert: ({ alertId }: { alertId: string }) => {
          if (alertId === "a") throw new AppError("forbidden", "Grant the permission.");
        },
        noteRepairProblem: (note: unknown) => {
          notes.push(note);
        },
      },
    );
    expect(calls.filter((name) => name === "repairPolicyAlert")).toHaveLength(2);
    expect(notes).toEqual([{ alertId: "a", requestedBy: null, problem: "Grant the permission." }]);
  });
});

describe("a repair that somebody asked for", () => {
  it("is repeated while Graph is busy", () => {
    let tries = 0;
    const { calls } = run(
      "policyRepair",
      { alertId: "a", requestedBy: "Ada" },
      {
        repairPolicyAlert: () => {
          if (tries++ === 0) throw new AppError("throttled", "Wait.", { retryAfterSeconds: 30 });
        },
      },
    );
    expect(calls).toEqual(["repairPolicyAlert", "repairPolicyAlert"]);
  });
});

describe("alerts to repair without being asked", () => {
  const open = [
    { id: "a", kind: "modifiedPolicy" },
    { id: "b", kind: "missingGroup" },
  ];

  it.each([
    ["onRequest", []],
    ["automatic", ["a"]],
  ])("are, as POLICY_REPAIR is %s, %j: a missing group is restored in any case", async (mode, alertsToRepair) => {
    repairMode.POLICY_REPAIR = mode;
    health.result = { open, groupsToRestore: ["sales"] } as unknown as HealthResult;
    expect(await lookAtPolicies(START)).toEqual({ groupsToRestore: ["sales"], alertsToRepair });
  });
});
