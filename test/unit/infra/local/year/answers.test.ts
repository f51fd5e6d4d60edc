import { describe, expect, it, vi } from "vitest";
import type { ReleaseRun } from "../../../../../infra/local/in-process/release-run.js";
import { Answering, Answers } from "../../../../../infra/local/year/answers.js";
import { qualityUpdates } from "../../../../../infra/local/year/publications.js";
import type { Question } from "../../../../../shared/approvals/questions.js";
import { addDays, iso } from "../../../../../shared/calendar/days.js";

const ASKED = Date.parse("2024-01-20T08:00:00Z");
const [january] = qualityUpdates("2024-01", 1);

function asking(kind: Question["kind"]) {
  const order = vi.fn();
  const questions: Question[] = [{ id: kind, kind, at: ASKED, failures: 3, offered: 40 }];
  const run = { questions, order, release: { update: january?.update, state: { phase: "active" } } };
  return { run: run as unknown as ReleaseRun, order };
}

async function answered(answering: Answering, kind: Question["kind"], harmless: boolean) {
  const { run, order } = asking(kind);
  const answers = new Answers(answering, () => harmless);
  answers.hear([run]);
  answers.hear([run]);
  await answers.answer(addDays(ASKED, 1));
  await answers.answer(addDays(ASKED, 2));
  return { order, asked: answers.asked };
}

describe("questions of a year", () => {
  it("are noted, and nobody answers them by default", async () => {
    const { asked, order } = await answered(Answering.nobody, "inconclusiveHold", true);
    expect(asked).toEqual([
      {
        ...{ at: iso(ASKED), workload: "quality", update: "2024.01 B", kind: "inconclusiveHold" },
        ...{ failures: 3, offered: 40, answer: null, timeOut: { hours: 24, answer: "pause" } },
      },
    ]);
    expect(order).not.toHaveBeenCalled();
  });

  it.each([
    ["inconclusiveHold", "proceed"],
    ["gatePause", "resume"],
  ] as const)("let a harmless update go on after a %s", async (kind, answer) => {
    const { asked, order } = await answered(Answering.administrator, kind, true);
    expect(asked).toMatchObject([{ answer }]);
    expect(order).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ command: expect.objectContaining({ kind: answer }) }),
      addDays(ASKED, 1),
    );
  });

  it("leave a harmful update as it is", async () => {
    const { asked, order } = await answered(Answering.administrator, "gatePause", false);
    expect(asked).toMatchObject([{ answer: "keep" }]);
    expect(order).not.toHaveBeenCalled();
  });

  it("are answered within a day, before an unanswered hold becomes a pause", async () => {
    const { run } = asking("inconclusiveHold");
    const answers = new Answers(Answering.administrator, () => true);
    expect(answers.nextDue()).toBe(Number.POSITIVE_INFINITY);
    answers.hear([run]);
    expect(answers.nextDue()).toBeLessThan(addDays(ASKED, 1));
  });
});
