import type { AskedRing } from "../approvals/questions.js";
import { type Column, type ColumnSet, clipped, type Element, line, literal } from "./elements.js";

/** Rings beyond these are counted in one line. */
const MOST_RINGS = 8;
const LONGEST_NAME = 40;

/** A bar per ring: failed, done and not heard of, in proportion, with the figures beside it. */
export function ringBars(rings: readonly AskedRing[]): Element[] {
  const shown = rings.slice(0, MOST_RINGS);
  const others = rings.length - shown.length;
  const more = others === 0 ? [] : [line(`and ${others} more rings`, { size: "small", isSubtle: true })];
  return [...shown.map(bar), ...more];
}

function bar({ ring, offered, resolved, failures }: AskedRing): ColumnSet {
  const name: Column = {
    type: "Column",
    width: 25,
    verticalContentAlignment: "center",
    items: [line(literal(clipped(ring, LONGEST_NAME)), { size: "small" })],
  };
  const parts = [
    { count: failures, style: "attention" as const },
    { count: Math.max(0, resolved - failures), style: "good" as const },
    { count: Math.max(0, offered - resolved), style: "emphasis" as const },
  ].filter(({ count }) => count > 0);
  const strips = parts.map(
    ({ count, style }): Column => ({
      type: "Column",
      // A single failure among thousands must still be seen.
      width: Math.max(2, Math.round((100 * count) / Math.max(1, offered))),
      style,
      minHeight: "16px",
      items: [],
    }),
  );
  const chart: Column = {
    type: "Column",
    width: 45,
    verticalContentAlignment: "center",
    items: strips.length === 0 ? [] : [{ type: "ColumnSet", spacing: "none", columns: strips }],
  };
  const figures: Column = {
    type: "Column",
    width: 30,
    items: [line(`${failures} failed, ${resolved} of ${offered} reported`, { size: "small", isSubtle: true })],
  };
  return { type: "ColumnSet", spacing: "small", columns: [name, chart, figures] };
}
