import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/group-provisioning.js");
await import("../../../workflows/group-removal.js");

const START = Date.parse("2024-06-11T17:00:00Z");
const nothing = () => undefined;

function perform(name: string, activities: Script["activities"]) {
  const orchestrator = orchestrators.get(name);
  if (orchestrator === undefined) throw new Error("The orchestration did not register.");
  const problems: unknown[] = [];
  const performance = play(orchestrator, {
    start: START,
    input: { groupId: "workforce" },
    activities: {
      noteGroupProblem: ({ problem }: { problem: string }) => {
        problems.push(problem);
      },
      ...activities,
    },
  });
  return { ...performance, problems };
}

function bring(ensureGroupPolicies: Script["activities"][string], directory: object = {}) {
  return perform("groupProvisioning", {
    replanUpcomingRings: nothing,
    ensureDirectoryGroups: () => ({ wanted: "everything", replicatedAt: null, written: [], ...directory }),
    renameGroupPolicies: nothing,
    ensureGroupPolicies,
    removeFormerRings: nothing,
    activateGroup: nothing,
    discoverGroup: nothing,
  });
}

const forbidden = () => {
  throw new AppError("forbidden", "Grant the permission.");
};

describe("an edited group", () => {
  it("is noted once as not brought to the tenant, and tried every hour until it is", () => {
    let tries = 0;
    const { result, problems, endedAt } = bring(() => (tries++ < 3 ? forbidden() : { Test: "u1" }));
    expect([result, problems, endedAt - START]).toEqual([{ Test: "u1" }, ["Grant the permission."], 3 * HOUR_MS]);
  });

  it("is tried on with a fresh history when the problem lasts", () => {
    const { result, continued } = bring(forbidden);
    expect([result, continued]).toEqual([undefined, true]);
  });

  it("gets policies only once its directory groups have replicated, and is active after them", () => {
    const { calls, envelopes } = bring(() => ({}), { replicatedAt: START + 30_000 });
    expect(calls.slice(-5)).toEqual([
      "renameGroupPolicies",
      "ensureGroupPolicies",
      "removeFormerRings",
      "activateGroup",
      "discoverGroup",
    ]);
    expect(envelopes[calls.indexOf("ensureGroupPolicies")]?.now).toBe(START + 30_000);
  });

  it("gets no policies while its assignments are pending", () => {
    const { calls } = bring(nothing, { wanted: "groups" });
    expect(calls).toEqual(["replanUpcomingRings", "ensureDirectoryGroups"]);
  });

  it("is left alone when it is gone meanwhile", () => {
    const { result, problems, calls } = bring(() => {
      throw new AppError("not_found", "There is no Autopatch group workforce.", { field: "groupId" });
    });
    expect([result, problems, calls.at(-1)]).toEqual([undefined, [], "ensureGroupPolicies"]);
  });
});

describe("a group that is deleted", () => {
  const removal = (running: number[]) =>
    perform("groupRemoval", {
      cancelScheduledReleases: () => running.shift() ?? 0,
      releaseGroupDevices: nothing,
      removeGroupPolicies: nothing,
      removeDirectoryGroups: nothing,
      forgetGroup: nothing,
    });

  it("loses devices, policies, directory groups and at last its record", () => {
    expect(removal([]).calls).toEqual([
      "cancelScheduledReleases",
      "releaseGroupDevices",
      "removeGroupPolicies",
      "removeDirectoryGroups",
      "forgetGroup",
    ]);
  });

  it("waits until its scheduled releases have ended", () => {
    const { calls, endedAt } = removal([2, 1]);
    expect(calls.filter((name) => name === "cancelScheduledReleases")).toHaveLength(3);
    expect([calls.at(-1), endedAt - START]).toEqual(["forgetGroup", 2 * HOUR_MS]);
  });
});
