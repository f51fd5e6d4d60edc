import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/calendar/days.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/approval.js");

const ASKED = Date.parse("2024-06-13T17:00:00Z");
const question = { id: "q1", kind: "gatePause", releaseId: "r1", at: ASKED, failures: 5, offered: 50 };

function ask(script: Partial<Script> & { observe: (now: number) => { status: string; answer?: string } }) {
  const orchestrator = orchestrators.get("approval");
  if (orchestrator === undefined) throw new Error("The approval did not register.");
  const nothing = () => undefined;
  return play(orchestrator, {
    start: ASKED,
    input: { question },
    ...script,
    activities: {
      openApproval: nothing,
      remindApproval: nothing,
      timeOutApproval: nothing,
      carryOutAnswer: nothing,
      observeApproval: (_: never, now) => script.observe(now),
      ...script.activities,
    },
  });
}

describe("an approval", () => {
  it("reminds every second day, and takes the configured answer after a fortnight", () => {
    let timedOut = false;
    const { result, calls, endedAt } = ask({
      observe: () => (timedOut ? { status: "timedOut", answer: "keep" } : { status: "pending" }),
      activities: {
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
      observe: (now) => (now < answeredAt ? { status: "pending" } : { status: "answered", answer: "resume" }),
    });
    expect([calls.at(-1), endedAt]).toEqual(["carryOutAnswer", answeredAt]);
  });

  it("carries out an answer that crossed the time-out", () => {
    let answered = false;
    const { result, calls } = ask({
      observe: () => (answered ? { status: "answered", answer: "cancel" } : { status: "pending" }),
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
});
