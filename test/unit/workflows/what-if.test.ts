import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.js";
import { play, registered, type Script } from "./puppet.js";

const { orchestrators } = registered();
await import("../../../workflows/what-if.js");

function whatIf(input: unknown, activities: Script["activities"]) {
  const orchestrator = orchestrators.get("whatIf");
  if (orchestrator === undefined) throw new Error("The orchestration did not register.");
  return play(orchestrator, { start: Date.parse("2024-06-03T08:00:00Z"), input, activities });
}

const done = () => undefined;

describe("a what-if", () => {
  it("simulates every month once, some at a time, and concludes", () => {
    const chunks: unknown[] = [];
    const { calls } = whatIf(
      { id: "w" },
      {
        prepareWhatIf: () => ({ trials: 10, size: 4 }),
        simulateMonths: ({ from, to }: { from: number; to: number }) => void chunks.push([from, to]),
        concludeWhatIf: done,
      },
    );
    expect(chunks).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    expect(calls).toEqual(["prepareWhatIf", "simulateMonths", "simulateMonths", "simulateMonths", "concludeWhatIf"]);
  });

  it("goes on with a fresh history where it was, however many months there are", () => {
    const activities = { prepareWhatIf: () => ({ trials: 50, size: 1 }), simulateMonths: done, concludeWhatIf: done };
    const { continued, next, calls } = whatIf({ id: "w" }, activities);
    expect([continued, next, calls.length]).toEqual([true, { id: "w", next: 19 }, 20]);
    const chunks: number[] = [];
    whatIf(next, { ...activities, simulateMonths: ({ from }: { from: number }) => void chunks.push(from) });
    expect([chunks[0], chunks.at(-1)]).toEqual([19, 37]);
  });

  it("that cannot go on says why", () => {
    const problems: unknown[] = [];
    whatIf(
      { id: "w" },
      {
        prepareWhatIf: () => {
          throw new AppError("rule_violated", "There are no devices.");
        },
        abandonWhatIf: (input: unknown) => void problems.push(input),
      },
    );
    expect(problems).toEqual([{ id: "w", problem: "There are no devices." }]);
  });
});
