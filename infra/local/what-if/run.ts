import type { Distribution, Share } from "../../../shared/statistics.js";
import { answerOf, type WhatIfAnswer } from "../../../shared/what-if/answer.js";
import { CASES, WhatIfCase } from "../../../shared/what-if/cases.js";
import { runChunk, type Trial, trialCount, type WhatIfInput } from "../../../shared/what-if/trials.js";

/** Runs all months of a what-if here and now. @param onProgress is told after every month of a candidate */
export function runWhatIf(input: WhatIfInput, onProgress: (done: number, all: number) => void): WhatIfAnswer {
  const all = trialCount(input);
  const trials: Trial[] = [];
  for (let from = 0; from < all; from++) {
    trials.push(...runChunk(input, from, from + 1));
    onProgress(from + 1, all);
  }
  return answerOf(input, trials);
}

/** The answer for people: a row per figure, a column per candidate. */
export function answerText(answer: WhatIfAnswer): string {
  const { candidates, months, devices, seed } = answer;
  const find = (kind: WhatIfCase) => candidates.map(({ cases }) => cases.find((one) => one.case === kind));
  const healthy = find(WhatIfCase.healthy);
  const rows: (readonly string[])[] = [
    ["", ...candidates.map(({ name }) => name)],
    ["days to 90 %", ...healthy.map((one) => spread(one?.daysTo90))],
    ["days to 95 %", ...healthy.map((one) => spread(one?.daysTo95))],
    ...CASES.filter((kind) => kind !== WhatIfCase.healthy).map((kind) => [
      `harmed, ${kind}`,
      ...find(kind).map((one) => spread(one?.harmed)),
    ]),
    ["false pauses", ...healthy.map((one) => percent(one?.paused))],
    ["holds, healthy months", ...healthy.map((one) => percent(one?.held))],
    ["holds that never release", ...healthy.map((one) => percent(one?.stuck))],
    ["bad cohort held exactly", ...find(WhatIfCase.cohort).map((one) => percent(one?.exactCohort))],
    ["restarts forced", ...healthy.map((one) => spread(one?.restartsForced))],
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    `${months} months of ${devices} devices for each candidate, seed ${seed}; mean (5th to 95th percentile)`,
    ...table,
  ].join("\n");
}

const NONE = "-";
const short = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

function spread(value: Distribution | null | undefined): string {
  return value === null || value === undefined
    ? NONE
    : `${short(value.mean)} (${short(value.p5)} to ${short(value.p95)})`;
}

function percent(value: Share | null | undefined): string {
  return value === null || value === undefined ? NONE : `${short(value.percent)} % (${value.hits} of ${value.runs})`;
}
