import { describe, expect, it } from "vitest";
import { newDelivery } from "../../../shared/approvals/delivery.js";
import { policyFor } from "../../../shared/approvals/policy.js";
import { type Approval, newApproval } from "../../../shared/approvals/store.js";
import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/approval.js");

const ASKED = Date.parse("2024-06-13T17:00:00Z");
const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: ASKED, failures: 5, offered: 50 } as const;
const opened = newApproval(question, policyFor(question));

function ask(script: Partial<Script> & { observe: (now: number) => Partial<Approval> }) {
  const orchestrator = orchestrators.get("approval");
  if (orchestrator === undefined) throw new Error("The approval did not register.");
  const nothing = () => undefined;
  return play(orchestrator, {
    start: ASKED,
    input: { question },
    ...script,
    activities: {
      openApproval: () => opened,
      showApproval: () => ({ retry: null }),
      escalateApproval: nothing,
      remindApproval: nothing,
      timeOutApproval: nothing,
      carryOutAnswer: nothing,
      observeApproval: (_: never, now) => ({ ...opened, ...script.observe(now) }),
      ...script.activities,
    },
  });
}

describe("an approval", () => {
  it("reminds every second day, and takes the configured answer after a fortnight", () => {
    let timedOut = false;
    let reminders = 0;
    const { result, calls, endedAt } = ask({
      observe: () => (timedOut ? { status: "timedOut", answer: "keep" } : { reminders }),
      activities: {
        remindApproval: () => {
          reminders++;
        },
        timeOutApproval: () => {
          timedOut = true;
        },
      },
    });
    expect(calls.filter((name) => name === "remindApproval")).toHaveLength(6);
    expect([result, endedAt - ASKED]).toEqual(["keep", 14 * DAY_MS]);
  });

  it("carries out an answer as soon as it is woken", () => {
    const answeredAt = ASKED + DAY_MS;
    const { calls, endedAt } = ask({
      events: [answeredAt],
      observe: (now) => (now < answeredAt ? {} : { status: "answered", answer: "resume" }),
    });
    expect([calls.at(-1), endedAt]).toEqual(["carryOutAnswer", answeredAt]);
  });

  it("carries out an answer that crossed the time-out", () => {
    let answered = false;
    const { result, calls } = ask({
      observe: () => (answered ? { status: "answered", answer: "cancel" } : { reminders: 6 }),
      activities: {
        timeOutApproval: () => {
          answered = true;
        },
      },
    });
    expect([result, calls.at(-1)]).toEqual(["cancel", "carryOutAnswer"]);
  });

  it("carries out at once an answer that was there when its orchestration was started again", () => {
    const { calls, endedAt } = ask({ observe: () => ({ status: "answered", answer: "resume" }) });
    expect([calls, endedAt]).toEqual([["openApproval", "observeApproval", "carryOutAnswer"], ASKED]);
  });

  it("asks others once, when half of its time is over", () => {
    const policy = policyFor(question, { mode: "any", approvers: [], escalateTo: ["o1"] });
    let escalatedAt: number | null = null;
    const { envelopes, endedAt } = ask({
      events: [ASKED + 8 * DAY_MS],
      observe: (now) =>
        now < ASKED + 8 * DAY_MS ? { escalatedAt, reminders: 3 } : { status: "answered", answer: "keep" },
      activities: {
        openApproval: () => ({ ...opened, policy }),
        escalateApproval: (_: never, now) => {
          escalatedAt = now;
        },
      },
    });
    expect([escalatedAt, endedAt]).toEqual([ASKED + 7 * DAY_MS, ASKED + 8 * DAY_MS]);
    expect(envelopes.filter(({ now }) => now === ASKED + 7 * DAY_MS).length).toBeGreaterThan(0);
  });

  it("goes on in a new generation before its history grows long", () => {
    const { continued, next } = ask({
      events: Array.from({ length: 40 }, (_, hour) => ASKED + hour),
      observe: () => ({}),
    });
    expect([continued, next]).toEqual([true, { question }]);
  });
});

describe("the cards of an approval", () => {
  const behind = { deliveries: [newDelivery("channel")] };
  const shown = { deliveries: [{ ...newDelivery("channel"), shows: "pending 1" }] };
  const away = { retry: { code: "throttled", message: "Wait.", retryAfterSeconds: 60 } };

  it("cost nothing where there are none, or where they are as they should be", () => {
    const answeredAt = ASKED + HOUR_MS;
    for (const cards of [{}, shown]) {
      const { calls } = ask({
        events: [answeredAt],
        observe: (now) => (now < answeredAt ? cards : { status: "moot" }),
      });
      expect(calls).not.toContain("showApproval");
    }
  });

  it("are tried again while Teams is away, and the answer does not wait for that", () => {
    const answeredAt = ASKED + 90_000;
    const { calls, envelopes } = ask({
      events: [answeredAt],
      observe: (now) => (now < answeredAt ? behind : { ...behind, status: "answered", answer: "resume" }),
      activities: { showApproval: () => away },
    });
    const carriedOut = calls.indexOf("carryOutAnswer");
    expect(envelopes[carriedOut]?.now).toBe(answeredAt);
    expect(calls.slice(0, carriedOut).filter((name) => name === "showApproval")).toHaveLength(2);
  });

  it("are left alone after eight tries, and the approval ends", () => {
    const posted = { posted: { serviceUrl: "", conversationId: "c", activityId: "a", at: 0 } };
    const old = { deliveries: [{ ...newDelivery("channel"), ...posted, shows: "pending 1" }] };
    const { calls, result } = ask({
      observe: () => ({ ...old, status: "answered", answer: "resume" }),
      activities: { showApproval: () => away },
    });
    expect([calls.filter((name) => name === "showApproval").length, result]).toEqual([8, "resume"]);
    expect(calls.filter((name) => name === "carryOutAnswer")).toHaveLength(1);
  });
});
