import { type FinishedDeployment, learnHistory } from "../gate/history.js";
import { ARRIVAL_DAYS } from "../gate/method.js";
import { DEFAULT_NO_RETURN, learnNoReturn } from "../gate/silence.js";
import type { MonthOutcome } from "./month.js";
import type { MonthHistory } from "./policy.js";

/** Months that teach, as `learnHistory` counts them. */
export const LESSON_MONTHS = 6;

/** What the gate has learned when the given months are over, oldest first, by the rules of production (history.ts). */
export function learnMonths(months: readonly MonthOutcome[]): MonthHistory {
  const learned = learnHistory(months.map(finishedDeployment));
  const used = months.filter((month) => !disturbed(month)).slice(-LESSON_MONTHS);
  const started = used.reduce((sum, month) => sum + month.started, 0);
  const bins = Array.from({ length: ARRIVAL_DAYS }, (_, day) =>
    used.reduce((sum, { returnAgeBins }) => sum + (returnAgeBins[day] ?? 0), 0),
  );
  const { p0, p0Variation, arrivals } = learned;
  return { p0, p0Variation, arrivals, noReturn: learnNoReturn(started, bins) ?? DEFAULT_NO_RETURN };
}

/** Whether the gate ever held or paused the month or a part of its devices: it then teaches nothing. */
export function disturbed(month: MonthOutcome): boolean {
  return month.decisions.length > 0 || month.held > 0 || !month.finished;
}

function finishedDeployment(month: MonthOutcome, finishedAt: number): FinishedDeployment {
  const { resolved, failures, reportAgeBins } = month;
  return { finishedAt, resolved, failures, reportAgeBins, disturbed: disturbed(month) };
}
