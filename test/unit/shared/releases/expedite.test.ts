import { describe, expect, it } from "vitest";
import { addDays, DAY_MS, HOUR_MS } from "../../../../shared/calendar/days.js";
import { defaultRings } from "../../../../shared/groups/defaults.js";
import { settingsOf } from "../../../../shared/groups/ring.js";
import { advanceRelease } from "../../../../shared/releases/advance.js";
import type { LoggedCommand } from "../../../../shared/releases/commands.js";
import { expeditedOpening } from "../../../../shared/releases/expedite.js";
import type { ReleaseNews } from "../../../../shared/releases/news.js";
import { controlRelease, type RingOffers } from "../../../../shared/releases/offers.js";
import { expeditedPlan } from "../../../../shared/releases/plan.js";
import type { RingEvent } from "../../../../shared/releases/ring-events.js";
import { settingsInForce } from "../../../../shared/releases/ring-expedite.js";
import { ringStep } from "../../../../shared/releases/ring-step.js";
import { B, confirmation, pauseAt, planOf, releaseOf, ring, withEvents } from "./fixtures.js";

const NAMES = ["Test", "Ring1", "Ring2", "Ring3", "Last"] as const;
const ACTOR = { id: "a", name: "Ada" };

/** The five rings, the first of which was offered the update at `openedAt`. */
function offers(openedAt: number | null): RingOffers[] {
  return NAMES.map((name, index) => ({
    ...{ ring: name, plan: planOf(name), size: 1_000, notOffered: 1_000, offered: 0, waves: {} },
    ...{ firstOfferAt: index === 0 ? openedAt : null, lastOfferAt: null },
  }));
}

function obey(openedAt: number | null, at: number, ...commands: readonly LoggedCommand["command"][]) {
  const news: ReleaseNews = {
    commands: commands.map((command, n) => ({ key: `c${n}`, actor: ACTOR, command })),
    rings: NAMES.map((name) => ({
      ...{ ring: name, phase: name === "Test" && openedAt !== null ? "active" : "upcoming", openedAt: null },
      ...{ endedAt: null, outcome: null, behind: false },
    })),
    ...{
      steps: [],
      begun: { started: 0, silent: [] },
      checkIns: null,
      offers: offers(openedAt),
      offered: 0,
      rolledBack: 0,
    },
  };
  return advanceRelease(releaseOf("enforce", B), news, at);
}

const expedite = (at: number, rebootDays: number | null = null, expediteId = "x1") =>
  ({ kind: "expedite", at, by: "Ada", expediteId, rebootDays }) as const;
const told = (result: ReturnType<typeof obey>) =>
  result.letters.flatMap(({ ring: name, event }) =>
    event.type === "expedited"
      ? [[name, (event.plan.availableAt - B) / HOUR_MS, event.plan.deadlineDays, event.plan.graceDays]]
      : [],
  );

describe("an expedited release", () => {
  it("opens its rings at 0, 6 and 12 hours, further ones with the third", () => {
    expect([0, 1, 2, 3, 4].map((place) => (expeditedOpening(B, place, null) - B) / HOUR_MS)).toEqual([
      0, 6, 12, 12, 12,
    ]);
  });

  it("counts the hours from its first offer, and never opens a ring before it was asked to", () => {
    const at = B + 8 * HOUR_MS;
    expect([1, 2].map((place) => (expeditedOpening(at, place, B) - B) / HOUR_MS)).toEqual([8, 12]);
  });

  it("by the service has 0/1/1 in every ring but Test", () => {
    const result = obey(B, B + HOUR_MS, expedite(B + HOUR_MS));
    expect(told(result)).toEqual([
      ["Ring1", 6, 1, 1],
      ["Ring2", 12, 1, 1],
      ["Ring3", 12, 1, 1],
      ["Last", 12, 1, 1],
    ]);
    expect(result.release.expedite).toMatchObject({ id: "x1", rebootDays: null, endedAt: null });
  });

  it.each([0, 1, 2])("by an administrator has %i days to the restart in every ring", (days) => {
    expect(told(obey(null, B, expedite(B, days)))).toEqual([
      ["Test", 0, days, 0],
      ["Ring1", 6, days, 0],
      ["Ring2", 12, days, 0],
      ["Ring3", 12, days, 0],
      ["Last", 12, days, 0],
    ]);
  });

  it("is allowed four times the exposure", () => {
    const at = addDays(B, 20);
    const { release } = obey(null, at, expedite(at));
    const bound = (of: typeof release) =>
      controlRelease(of, offers(null), { evidence: null, silence: null }, at)?.input.harmBound;
    const { expedite: _over, ...ordinary } = release;
    expect([bound(ordinary), bound(release)]).toEqual([20, 80]);
    const own = { ...release, gate: { ...release.gate, harmBound: 7 } };
    expect(bound(own)).toBe(28);
  });

  it("takes no second expedite, and its end only by the one in force", () => {
    const end = (expediteId: string) => ({ kind: "endExpedite", at: B, by: "Ada", expediteId }) as const;
    const result = obey(null, B, expedite(B), expedite(B, 0, "x2"), end("x2"), end("x1"));
    expect(result.refused.map(({ command }) => command.key)).toEqual(["c1", "c2"]);
    expect(result.release.expedite).toMatchObject({ id: "x1", endedAt: B });
    expect(result.letters.filter(({ event }) => event.type === "expediteEnded")).toHaveLength(5);
  });
});

describe("a ring", () => {
  const at = addDays(B, 1);
  const expedited = (rebootDays: number | null): RingEvent => {
    return {
      type: "expedited",
      at,
      plan: expeditedPlan(planOf("Ring3"), at, rebootDays),
      expediteId: "x1",
      rebootDays,
    };
  };
  const performed = (state: ReturnType<typeof ring>, now = at) => {
    const event = confirmation(ringStep(state, now), now, state);
    return event === undefined ? state : withEvents(state, event);
  };

  it("of the service takes 0/1/1 into its settings before it opens, and its own values when it has ended", () => {
    const state = withEvents(ring("Ring3"), expedited(null));
    const settings = settingsOf(defaultRings().find(({ name }) => name === "Ring3") ?? defaultRings()[0] ?? never());
    expect(ringStep(state, at)).toEqual({ kind: "hurry", brought: { waves: 0, excluded: [] } });
    expect(settingsInForce(settings, state, at)).toMatchObject({
      qualityDeferralDays: 0,
      qualityDeadlineDays: 1,
      gracePeriodDays: 1,
    });
    const open = performed(performed(state));
    expect(ringStep(open, at).kind).toBe("wait");
    const ended = withEvents(open, { type: "finished", at });
    expect(settingsInForce(settings, ended, at)).toEqual(settings);
    expect(ringStep(ended, at)).toEqual({ kind: "hurry", brought: null });
    expect(ringStep(performed(ended), at)).toEqual({ kind: "done", outcome: "completed" });
  });

  it("of an administrator gets a profile for the waves that it has opened, without those whom a hold keeps back", () => {
    const open = performed(withEvents(ring("Ring3"), expedited(0)));
    expect(ringStep(open, at)).toEqual({ kind: "hurry", brought: { waves: 1, excluded: [] } });
    const hurried = performed(open);
    expect(ringStep(hurried, at).kind).toBe("wait");
    const held = performed(withEvents(hurried, { type: "cohortHeld", at, groupId: "g" }));
    expect(ringStep(held, at)).toEqual({ kind: "hurry", brought: { waves: 1, excluded: ["g"] } });
  });

  it.each<[string, RingEvent, string]>([
    ["is paused", { type: "tenantPaused", at, pause: pauseAt(at) }, "suspend"],
    ["rolls back", { type: "rollBack", at }, "rollBack"],
    ["is cancelled", { type: "cancelled", at }, "withdraw"],
  ])("that %s stops its offer first and loses its profile after", (_what, event, first) => {
    const stopped = withEvents(performed(performed(withEvents(ring("Ring3"), expedited(0)))), event);
    expect(ringStep(stopped, at).kind).toBe(first);
    expect(ringStep(performed(stopped), at)).toEqual({ kind: "hurry", brought: null });
  });

  it("gets its profile again when it is resumed", () => {
    const paused = withEvents(performed(performed(withEvents(ring("Ring3"), expedited(0)))), {
      type: "tenantPaused",
      at,
      pause: pauseAt(at),
    });
    const resumed = withEvents(performed(performed(paused)), { type: "resumed", at, lifts: "tenant" });
    expect(ringStep(resumed, at).kind).toBe("approve");
    expect(ringStep(performed(resumed), at)).toEqual({ kind: "hurry", brought: { waves: 1, excluded: [] } });
  });

  it("waits for its day again when the expedite ends before it opened, also for one that was edited meanwhile", () => {
    const end: RingEvent = { type: "expediteEnded", at, expediteId: "x1" };
    const waiting = withEvents(ring("Ring3"), expedited(null));
    expect(withEvents(waiting, end).plan).toEqual(planOf("Ring3"));
    const edited = { ...planOf("Ring3"), availableAt: at + 3 * DAY_MS };
    const replanned = withEvents(waiting, { type: "replanned", at, plan: edited });
    expect(replanned.plan.availableAt).toBe(at);
    expect(withEvents(replanned, end).plan).toEqual(edited);
    expect(withEvents(waiting, { ...end, expediteId: "x2" }).expedited).toBe(true);
  });
});

function never(): never {
  throw new Error("There are no default rings.");
}
