import type { Distribution, Share } from "../../statistics.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it may stand in HTML and SVG, in attributes too. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** A number for people: about three figures, thousands apart. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

export const NOT_SIMULATED = "–";

/** Mean with its confidence interval and percentiles, in two lines of HTML. */
export function distributionText(value: Distribution | null | undefined, unit = ""): string {
  if (value === null || value === undefined) return NOT_SIMULATED;
  const { mean, low, high, p5, p50, p95 } = value;
  const around = `95&nbsp;%&nbsp;CI ${figure(Math.max(0, low))} to ${figure(high)}`;
  return `<b>${figure(mean)}</b>${unit}<small>${around}<br>p5 ${figure(p5)}, median ${figure(p50)}, p95 ${figure(p95)}</small>`;
}

/** Per cent with its confidence interval and the months behind it. */
export function shareText(value: Share | null | undefined): string {
  if (value === null || value === undefined) return NOT_SIMULATED;
  const { percent, hits, runs, low, high } = value;
  return `<b>${figure(percent)}</b>&nbsp;%<small>${hits} of ${runs} months<br>95&nbsp;%&nbsp;CI ${figure(low)} to ${figure(high)}&nbsp;%</small>`;
}
