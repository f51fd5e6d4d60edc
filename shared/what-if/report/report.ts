import { harmBound } from "../../gate/blast-radius.js";
import { type CandidateFigures, type CaseFigures, figuresIn, type WhatIfAnswer } from "../answer.js";
import { CASES, WhatIfCase } from "../cases.js";
import { boxes, curves } from "./charts.js";
import { STYLE } from "./style.js";
import { distributionText, escaped, figure, NOT_SIMULATED, shareText } from "./text.js";

export interface ReportOptions {
  /** What the months were simulated for, e.g. the name of an Autopatch group. */
  readonly title: string;
  /** When the report was asked for, ISO 8601; left out where there is no date. */
  readonly at?: string;
}

const REGRESSIONS = CASES.filter((one) => one !== WhatIfCase.healthy);

/** A report on the answer as one HTML file that needs nothing else: no script, no link, no picture from elsewhere. */
export function renderReport(answer: WhatIfAnswer, { title, at }: ReportOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What-if: ${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>What-if: ${escaped(title)}</h1>
<p>${lead(answer)}${at === undefined ? "" : ` Asked for at <time datetime="${escaped(at)}">${escaped(at)}</time>.`}</p>
</header>
<main>
<section aria-labelledby="figures"><h2 id="figures">Figures</h2>${figuresTable(answer)}</section>
<section aria-labelledby="uptake"><h2 id="uptake">How fast devices get a healthy update</h2>${legend(answer)}${uptake(answer)}${days(answer)}</section>
<section aria-labelledby="harm"><h2 id="harm">Devices harmed by a bad update</h2>
<p class="soft">Line: 5th to 95th percentile of the months; bar: median; dot and number: mean. Every chart has a scale of its own.</p>${harm(answer)}</section>
<section aria-labelledby="settings"><h2 id="settings">Settings compared</h2>${settingsTable(answer)}</section>
<section aria-labelledby="method"><h2 id="method">What was simulated</h2>${method(answer)}</section>
</main>
</body>
</html>
`;
}

function lead({ months, devices, candidates, seed }: WhatIfAnswer): string {
  const names = candidates.map(({ name }) => `<b>${escaped(name)}</b>`).join(", ");
  return `${figure(months)} simulated months of ${figure(devices)} devices under each of ${candidates.length === 1 ? "one setting" : `${candidates.length} settings`}: ${names}. Every setting met the same months. Seed ${seed}.`;
}

type Cell = (candidate: CandidateFigures) => string;

function figuresTable({ candidates }: WhatIfAnswer): string {
  const of =
    (kind: WhatIfCase, show: (figures: CaseFigures) => string): Cell =>
    (candidate) => {
      const found = figuresIn(candidate, kind);
      return found === undefined || found.months === 0 ? NOT_SIMULATED : show(found);
    };
  const { healthy, cohort } = WhatIfCase;
  const rows: (readonly [string, Cell])[] = [
    ["Days to 90 %, healthy update", of(healthy, ({ daysTo90 }) => distributionText(daysTo90, "&nbsp;days"))],
    ["Days to 95 %, healthy update", of(healthy, ({ daysTo95 }) => distributionText(daysTo95, "&nbsp;days"))],
    ...REGRESSIONS.map(
      (kind) => [`Devices harmed, ${kind}`, of(kind, ({ harmed }) => distributionText(harmed))] as const,
    ),
    ["False pauses, healthy update", of(healthy, ({ paused }) => shareText(paused))],
    ["Holds of the gate, healthy update", of(healthy, ({ held }) => shareText(held))],
    ["Holds that never release", of(healthy, ({ stuck }) => shareText(stuck))],
    ["Cohorts held falsely", of(healthy, ({ cohortHeld }) => shareText(cohortHeld))],
    ["Exactly the bad cohort held, the rest finished", of(cohort, ({ exactCohort }) => shareText(exactCohort))],
    ["Days to 95 % of the others, bad cohort", of(cohort, ({ daysTo95 }) => distributionText(daysTo95, "&nbsp;days"))],
    ["Restarts forced, healthy update", of(healthy, ({ restartsForced }) => distributionText(restartsForced))],
  ];
  const body = rows.map(
    ([name, cell]) =>
      `<tr><th scope="row">${escaped(name)}</th>${candidates.map((one) => `<td>${cell(one)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" role="region" aria-labelledby="figures" tabindex="0"><table><caption>Mean or share, its 95 % confidence interval, and percentiles of the months. Days that were never reached count as 40.</caption><thead><tr><th scope="col">Figure</th>${heads(candidates)}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function heads(candidates: readonly CandidateFigures[]): string {
  return candidates.map(({ name }) => `<th scope="col">${escaped(name)}</th>`).join("");
}

function legend({ candidates }: WhatIfAnswer): string {
  const items = candidates.map(
    ({ name }, place) =>
      `<li><svg viewBox="0 0 34 12" aria-hidden="true"><polyline class="c${place} d${place}" points="0,6 34,6"/></svg>${escaped(name)}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

function uptake({ candidates }: WhatIfAnswer): string {
  const series = candidates.map(({ name, uptake: byDay }, place) => ({ name, place, byDay }));
  const title = "Devices that have installed a healthy update, by day";
  return `<h3>${title}</h3>${curves("uptake-chart", title, series)}`;
}

function days({ candidates }: WhatIfAnswer): string {
  const rows = candidates.map((one, place) => ({
    ...{ name: one.name, place },
    value: figuresIn(one, WhatIfCase.healthy)?.daysTo95,
  }));
  const title = "Days until 95 % have it";
  return `<h3>${title}</h3>${boxes("days-chart", title, "days since the release", rows)}`;
}

function harm({ candidates }: WhatIfAnswer): string {
  return REGRESSIONS.map((kind, nth) => {
    const rows = candidates.map((one, place) => ({ name: one.name, place, value: figuresIn(one, kind)?.harmed }));
    const title = TITLES[kind];
    return `<h3>${title}</h3>${boxes(`harm-chart-${nth}`, title, "devices harmed", rows)}`;
  }).join("");
}

const TITLES: Readonly<Record<WhatIfCase, string>> = {
  [WhatIfCase.healthy]: "Healthy update",
  [WhatIfCase.half]: "Fails on 0.5 % of all devices",
  [WhatIfCase.two]: "Fails on 2 % of all devices",
  [WhatIfCase.ten]: "Fails on 10 % of all devices",
  [WhatIfCase.cohort]: "Fails on 25 % of the devices with one attribute value",
};

function settingsTable({ candidates, rings, devices }: WhatIfAnswer): string {
  const rows: [string, Cell][] = [
    ["Gate", ({ settings: { gate } }) => escaped(gate.mode)],
    ["Offers", ({ settings: { gate } }) => (gate.mode === "enforce" ? escaped(gate.offers) : NOT_SIMULATED)],
    [
      "H, devices that may come to harm unseen",
      ({ settings: { gate } }) =>
        gate.mode === "enforce" && gate.offers === "measured"
          ? figure(gate.harmBound ?? harmBound(devices))
          : NOT_SIMULATED,
    ],
    [
      "α, chance of a false pause",
      ({ settings: { gate } }) => (gate.mode === "enforce" ? String(gate.alpha) : NOT_SIMULATED),
    ],
    [
      "Evidence that holds",
      ({ settings: { gate } }) => (gate.mode === "enforce" ? String(gate.holdEvidence) : NOT_SIMULATED),
    ],
    ...rings.map(({ name, devices: size }): [string, Cell] => [
      `${name}, ${figure(size)} devices`,
      ({ settings }) => {
        const plan = settings.rings.find((one) => one.name === name);
        if (plan === undefined) return NOT_SIMULATED;
        const { qualityDeferralDays, qualityDeadlineDays, waves, waveIntervalHours } = plan;
        const own =
          waves.length < 2
            ? ""
            : `<small>own waves ${waves.map((share) => `${figure(100 * share)} %`).join(", ")} every ${waveIntervalHours} h</small>`;
        return `deferral&nbsp;${qualityDeferralDays}&nbsp;d, deadline&nbsp;${qualityDeadlineDays}&nbsp;d${own}`;
      },
    ]),
  ];
  const body = rows.map(
    ([name, cell]) =>
      `<tr><th scope="row">${escaped(name)}</th>${candidates.map((one) => `<td>${cell(one)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" role="region" aria-labelledby="settings" tabindex="0"><table><thead><tr><th scope="col">Setting</th>${heads(candidates)}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function method({ candidates, history, horizonDays }: WhatIfAnswer): string {
  const counts = (candidates[0]?.cases ?? []).map(({ case: kind, months }) => `${escaped(kind)} ${months}`).join(", ");
  const { deployments, p0 } = history;
  const learned =
    deployments === 0
      ? "No finished release had taught anything yet: the gate assumes a reported failure rate of 0.2 % and the usual delays."
      : `The gate knows what ${deployments} finished releases have taught: a reported failure rate of ${figure(100 * p0)} %.`;
  return `<ul>
<li>Months by case: ${counts}. A month lasts ${horizonDays} days.</li>
<li>Devices install, report, fail and stay silent as the device model says; gate, controller, cohort holds and order of devices are the functions of the service itself. A person who is asked never answers.</li>
<li>${learned}</li>
<li>Harmed: failed because of the update and installed before a pause or hold reached the device, at most 8 hours later.</li>
<li>Bad cohort: an attribute value on 3 to 8 % of the devices where there is one. Days and shares are then those of the devices that are not held.</li>
</ul>`;
}
