import { describe, expect, it } from "vitest";
import { answerOf } from "../../../../shared/what-if/answer.js";
import { defaultBase } from "../../../../shared/what-if/base.js";
import { modelFleet } from "../../../../shared/what-if/fleet.js";
import { NO_HISTORY } from "../../../../shared/what-if/history.js";
import { renderReport } from "../../../../shared/what-if/report/report.js";
import { candidatesSchema, settleCandidates } from "../../../../shared/what-if/settings.js";
import { runChunk, trialCount } from "../../../../shared/what-if/trials.js";

const EVIL = `<script>alert("1")</script>`;
const base = defaultBase();
const rings = base.rings.map((plan, ring) => (ring === 1 ? { ...plan, name: `R&D ${EVIL}` } : plan));

function reportOf(months: number) {
  const plans = { ...base, rings };
  const settled = settleCandidates(
    plans,
    candidatesSchema.parse([
      { name: "As it is" },
      { name: EVIL },
      { name: "Calendar & more", gate: { mode: "off" } },
      { name: "d'Or" },
    ]),
  );
  if ("problem" in settled) throw new Error(settled.problem.message);
  const fleet = modelFleet(
    rings.map(({ name }) => ({ name, size: 20 })),
    1,
  );
  const input = { seed: 3, months, candidates: settled.candidates, fleet, history: NO_HISTORY, base: plans };
  return renderReport(answerOf(input, runChunk(input, 0, trialCount(input))), {
    title: `Shop ${EVIL}`,
    at: "2024-06-11T00:00:00.000Z",
  });
}

describe("the report", () => {
  const html = reportOf(5);

  it("escapes whatever people have named", () => {
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(html).toContain("R&amp;D");
    expect(html).toContain("d&#39;Or");
    expect(html.match(/&(?!(amp|lt|gt|quot|nbsp|#39);)/g)).toBeNull();
  });

  it("has every candidate in both tables, in every chart and in what is said of the charts", () => {
    const heads = html.match(/<th scope="col">Calendar &amp; more<\/th>/g);
    expect(heads).toHaveLength(2);
    const charts = html.match(/<svg role="img"[\s\S]*?<\/svg>/g) ?? [];
    expect(charts).toHaveLength(6);
    for (const chart of charts) {
      for (const name of ["As it is", "Calendar &amp; more", "d&#39;Or"])
        expect(chart.match(/<desc[\s\S]*<\/desc>/)?.[0]).toContain(name);
      for (const place of [0, 1, 2, 3]) expect(chart).toContain(`class="c${place}`);
    }
  });

  it("needs nothing from elsewhere and is well formed", () => {
    expect(html).not.toMatch(/https?:|src=|href=|url\(|@import/);
    const open: string[] = [];
    for (const [tag, close, name = "", self] of html.matchAll(/<(\/?)([a-z0-9]+)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
      if (self === "/" || ["meta", "br"].includes(name)) continue;
      if (close === "/") expect(open.pop(), tag).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, used] of html.matchAll(/aria-labelledby="([^"]+)"/g))
      for (const id of (used ?? "").split(" ")) expect(ids).toContain(id);
    expect(html).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it("says so where no month had a case", () => {
    expect(reportOf(1)).toContain("not simulated");
    expect(reportOf(1)).not.toMatch(/NaN|undefined|Infinity/);
  });
});
