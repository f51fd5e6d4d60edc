import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import { AppError } from "../../../shared/errors.js";
import { defaultRings } from "../../../shared/groups/defaults.js";
import { settingsOf } from "../../../shared/groups/ring.js";
import type { RingEvent } from "../../../shared/releases/ring-events.js";
import type { ReleaseRing } from "../../../shared/releases/store.js";
import { planOf, ring as stateOf } from "../shared/releases/fixtures.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/ring.js");

const NAME = "Ring1";
const OPENS = planOf(NAME).availableAt;
const POLICY = { policyId: "p1", model: "policies", catalogEntryId: "c1", tag: "t1" } as const;

function atStart(waves: readonly number[] = [1]): ReleaseRing {
  const [first] = defaultRings();
  if (first === undefined) throw new Error("There are no default rings.");
  const target = {
    groupId: "workforce",
    groupName: "Workforce",
    ringName: NAME,
    entraGroupId: "g1",
    updateRingPolicyId: "u1",
    hotpatch: true,
  };
  return {
    releaseId: "r1",
    ring: NAME,
    target,
    settings: settingsOf(first),
    state: stateOf(NAME, { waves: [...waves] }),
    policy: null,
    waveGroups: [],
    openedAt: null,
    endedAt: null,
    seen: [],
    revision: 0,
  };
}

/** Plays a generation that begins when the ring is due; `letters` come in with the looks after the first. */
function carry(activities: Script["activities"], letters: readonly RingEvent[] = [], ring = atStart()) {
  const orchestrator = orchestrators.get("ring");
  if (orchestrator === undefined) throw new Error("The ring did not register.");
  const saved: ReleaseRing[] = [];
  const told: ReleaseRing[] = [];
  let looks = 0;
  const performance = play(orchestrator, {
    start: OPENS,
    input: { releaseId: "r1", ring: NAME },
    activities: {
      loadRing: () => ring,
      observeRing: () => {
        const news = looks++ === 0 ? [] : letters.slice(looks - 2, looks - 1);
        return { events: news, seen: news.map(({ type }) => type), settings: null };
      },
      recordRing: ({ ring: version, tell }: { ring: ReleaseRing; tell: boolean }) => {
        saved.push(version);
        if (tell) told.push(version);
      },
      openReleasePolicy: () => POLICY,
      markWaveOffered: () => ({ count: 5 }),
      assignWaves: () => undefined,
      setApproval: () => undefined,
      withdrawFromRing: () => undefined,
      ...activities,
    },
  });
  return { ...performance, saved, told };
}

const acts = (calls: readonly string[]) => calls.filter((name) => !["loadRing", "observeRing"].includes(name));
const refuse = (code: "forbidden" | "not_found") => () => {
  throw new AppError(code, "Grant the permission.");
};

describe("opening a ring", () => {
  it("keeps the policy before anybody is in it, and the ledger knows of the offer before Graph does", () => {
    const { calls, saved } = carry({});
    expect(acts(calls).slice(0, 5)).toEqual([
      "openReleasePolicy",
      "recordRing",
      "markWaveOffered",
      "assignWaves",
      "recordRing",
    ]);
    expect(saved[0]).toMatchObject({ policy: POLICY, openedAt: null });
    expect(saved[1]).toMatchObject({ openedAt: OPENS, state: { phase: "active" } });
  });

  it("shows what stands in the way, and tries again every hour", () => {
    const { saved, envelopes, calls } = carry({ assignWaves: refuse("forbidden") });
    expect(saved.at(-1)?.state.policyError).toBe("Grant the permission.");
    const tries = envelopes.flatMap(({ at }, index) => (calls[index] === "assignWaves" ? [at] : []));
    expect(tries.slice(0, 3).map((at) => at - OPENS)).toEqual([0, HOUR_MS, 2 * HOUR_MS]);
  });

  it("makes a policy that somebody deleted again", () => {
    const gone = { ...POLICY, policyId: "p0" };
    const { saved } = carry(
      {
        assignWaves: ({ policy }: { policy: typeof POLICY }) => {
          if (policy.policyId !== POLICY.policyId) throw new AppError("not_found", "gone");
        },
      },
      [],
      { ...atStart(), policy: gone },
    );
    expect(saved[0]).toMatchObject({ policy: POLICY, state: { phase: "active", policyError: null } });
  });

  it("takes back what a failed offer may have left when the release is cancelled", () => {
    const { calls, result } = carry({ assignWaves: refuse("forbidden") }, [
      { type: "progress", at: OPENS, counts: NOBODY },
      { type: "cancelled", at: OPENS },
    ]);
    expect([calls.includes("withdrawFromRing"), result]).toEqual([true, "cancelled"]);
  });

  it("suspends what a failed offer may have left when the release is paused", () => {
    const pause = { since: OPENS, reason: "gate" };
    const { envelopes, calls } = carry({ assignWaves: refuse("forbidden") }, [
      { type: "progress", at: OPENS, counts: NOBODY },
      { type: "servicePaused", at: OPENS, pause },
    ]);
    expect(envelopes[calls.indexOf("setApproval")]?.input).toMatchObject({ policy: POLICY, status: "suspended" });
  });
});

describe("a ring whose directory group was made again", () => {
  const moved = { ...atStart().target, entraGroupId: "g2" };
  const told = (target: object) => {
    let looks = 0;
    return {
      observeRing: () => ({
        events: [],
        seen: [`look ${looks}`],
        settings: null,
        ...(looks++ >= 2 ? { target } : {}),
      }),
    };
  };

  it("offers to the new one what it offered to the lost one, and keeps that", () => {
    const { envelopes, calls, saved } = carry(told(moved));
    const offers = envelopes.flatMap(({ input }, index) => (calls[index] === "assignWaves" ? [input] : []));
    expect(offers).toMatchObject([{ groupIds: ["g1"] }, { groupIds: ["g2"], policy: POLICY }]);
    expect(saved.at(-1)).toMatchObject({ target: moved, waveGroups: ["g2"] });
  });

  it("is told again when the offer to the new one fails", () => {
    let assigned = 0;
    const { saved } = carry({
      ...told(moved),
      assignWaves: () => {
        if (assigned++ > 0) throw new AppError("forbidden", "Grant the permission.");
      },
    });
    const last = saved.at(-1);
    expect([last?.target.entraGroupId, last?.state.policyError]).toEqual(["g1", "Grant the permission."]);
    expect(last?.seen).not.toContain("look 2");
  });

  it("assigns nothing when only the hotpatch setting of its group changed", () => {
    const { calls, saved } = carry(told({ ...atStart().target, hotpatch: false }));
    expect(calls.filter((name) => name === "assignWaves")).toHaveLength(1);
    expect(saved.at(-1)?.target.hotpatch).toBe(false);
  });
});

const NOBODY = { size: 5, held: 0, notOffered: 5, offered: 0, open: 0, upToDate: 0, failed: 0, rolledBack: 0 };

describe("a ring", () => {
  it("acts on the revision that is stored, so that an act repeated later is recognised", () => {
    const { envelopes, calls, saved } = carry({});
    expect(envelopes[calls.indexOf("assignWaves")]?.input).toMatchObject({ revision: saved[0]?.revision });
    expect(saved.map(({ revision }) => revision)).toEqual(saved.map((_, index) => index + 1));
  });

  it("that has ended tells its release when it has heard what came since, for the release waits for its last word", () => {
    const start = atStart();
    const ended = {
      ...start,
      endedAt: OPENS,
      state: { ...start.state, phase: "ended", outcome: "completed" },
    } as const;
    const { told } = carry({ observeRing: () => ({ events: [], seen: ["cancelled 1"], settings: null }) }, [], ended);
    expect(told.map(({ seen }) => seen)).toEqual([["cancelled 1"]]);
  });

  it("shows that it cannot look at its news, and goes on when it can", () => {
    let looks = 0;
    const { saved, result } = carry({
      observeRing: () => {
        if (looks++ < 2) throw new AppError("forbidden", "Grant the permission.");
        return { events: [], seen: [], settings: null };
      },
    });
    expect(saved.map(({ state }) => state.policyError)).toContain("Grant the permission.");
    expect(saved.at(-1)?.state.policyError).toBeNull();
    expect(result).toBe("completed");
  });
});
