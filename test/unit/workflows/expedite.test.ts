import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.js";
import { afterLook } from "../../../shared/expedites/deployments.js";
import { type Expedite, newExpedite } from "../../../shared/expedites/expedite.js";
import { releaseOf } from "../shared/releases/fixtures.js";
import { play, registered } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/expedite.js");

const ASKED = Date.parse("2024-06-12T09:00:00Z");
const HOUR = 3_600_000;
const fresh = newExpedite({
  ...{ id: "x1", source: "api", requestedBy: { id: "a", name: "Ada" }, requestedAt: ASKED, justification: null },
  ...{ wanted: { kb: "KB5039212" }, groupIds: ["workforce"], rebootDays: 1 },
});

/** Plays the orchestrator over a record that its activities change. */
function carry(
  start: Partial<Expedite>,
  activities: Record<string, (now: number) => Partial<Expedite>>,
  events: number[] = [],
) {
  const orchestrator = orchestrators.get("expedite");
  if (orchestrator === undefined) throw new Error("The expedite did not register.");
  let record: Expedite = { ...fresh, ...start };
  const change = (by: (now: number) => Partial<Expedite>) => (_: never, now: number) => {
    record = { ...record, ...by(now) };
    return record;
  };
  const known = { loadExpedite: () => ({}), ...activities };
  const scripted = Object.fromEntries(Object.entries(known).map(([name, by]) => [name, change(by)]));
  const noteExpediteProblem = ({ problem }: { problem: string }) => {
    record = { ...record, problem };
    return record;
  };
  return play(orchestrator, {
    ...{ start: ASKED, input: { expediteId: "x1" }, events },
    activities: { noteExpediteProblem: noteExpediteProblem as never, ...scripted },
  });
}

describe("an expedite", () => {
  it("is validated, asked about, started when people say so, and followed to its end", () => {
    const answeredAt = ASKED + 3 * HOUR;
    const { result, calls, endedAt } = carry(
      {},
      {
        validateExpedite: () => ({ status: "awaitingApproval" }),
        askAboutExpedite: () => ({}),
        loadExpedite: (...[now]: number[]) => (now === answeredAt ? { status: "running" } : {}),
        launchExpedite: () => ({ deployments: [] }),
        observeExpedite: (now) => (now > answeredAt ? { status: "completed" } : {}),
      },
      [answeredAt],
    );
    expect(calls.filter((name) => name !== "loadExpedite")).toEqual([
      ...["validateExpedite", "askAboutExpedite", "launchExpedite", "observeExpedite", "observeExpedite"],
    ]);
    expect([result, endedAt]).toEqual(["completed", answeredAt + 6 * HOUR]);
  });

  it("that is refused asks nobody and starts nothing", () => {
    const { result, calls } = carry({}, { validateExpedite: () => ({ status: "refused" }) });
    expect([result, calls]).toEqual(["refused", ["loadExpedite", "validateExpedite"]]);
  });

  it("that is cancelled is taken back, whatever it was about to do", () => {
    const cancelled = { by: { id: "a", name: "Ada" }, at: ASKED, justification: null };
    const { calls } = carry({ status: "running", cancelled }, { endExpedite: () => ({ status: "cancelled" }) });
    expect(calls).toEqual(["loadExpedite", "endExpedite"]);
  });

  it("shows what keeps a step from working, and tries it again an hour later", () => {
    const { result, endedAt } = carry(
      {},
      {
        validateExpedite: (now) => {
          if (now === ASKED) throw new AppError("forbidden", "Graph refuses.");
          return { status: "refused", problem: null };
        },
      },
    );
    expect([result, endedAt]).toEqual(["refused", ASKED + HOUR]);
  });
});

describe("a look at the releases of an expedite", () => {
  const running = releaseOf("enforce", ASKED);
  const inForce = { id: "x1", rebootDays: 1, by: "Ada", since: ASKED, endedAt: null };
  const handled = ["expedite x1"];

  it.each([
    ["one has not read its order yet", { ...running }, false],
    ["one is being expedited", { ...running, handled, expedite: inForce }, false],
    ["one refused it", { ...running, handled }, true],
    ["another expedite has taken over", { ...running, handled, expedite: { ...inForce, id: "x2" } }, true],
    ["one has ended", { ...running, state: { ...running.state, phase: "ended" } as const }, true],
  ])("while %s", (_what, release, over) => {
    expect(afterLook({ id: "x1" }, [release], ASKED)?.status).toBe(over ? "completed" : undefined);
  });
});
