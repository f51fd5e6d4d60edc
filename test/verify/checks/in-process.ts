import { runInProcess } from "../../../infra/local/in-process/run.js";
import type { Summary } from "../../../infra/local/world/simulation.js";
import type { Check } from "../check.js";
import { observe } from "../observed-run.js";

const DEVICES = 2_000;
const SCENARIOS = { full: ["nominal", "bad-update", "bad-driver", "silent-brick"], quick: ["bad-update"] };
/** Devices hear of a change at other instants, because the full stack takes seconds for what happens at once here. */
const MAY_DIFFER_HOURS = 12;
const HOUR = 3_600_000;

/** The in-process simulator decides what the full stack decides (issue 4, "Done when"). */
export const inProcess: Check = {
  name: "in-process",
  about: "the simulator in one process gives the decisions and cohorts of the full stack, at most 12 hours apart",
  async run({ quick, progress }) {
    const complaints: string[] = [];
    let hours = 0;
    for (const scenario of quick ? SCENARIOS.quick : SCENARIOS.full) {
      const options = { scenario, devices: DEVICES, seed: 1, gate: "enforce" } as const;
      const [full, inside] = [(await observe(options)).summary, await runInProcess(options)];
      const found = deviations(full, inside);
      hours = Math.max(hours, hoursApart(full, inside));
      progress(`${scenario}: ${found.length === 0 ? "the same decisions" : found.join("; ")}`);
      complaints.push(...found.map((line) => `${scenario}: ${line}`));
    }
    return {
      passed: complaints.length === 0,
      figures: { devices: DEVICES, mostHoursApart: Math.round(10 * hours) / 10, mayBeHoursApart: MAY_DIFFER_HOURS },
      complaints,
    };
  },
};

/** In what the two deviate more than they may; one line each. */
export function deviations(full: Summary, inside: Summary): string[] {
  const [expected, actual] = [verdicts(full), verdicts(inside)];
  const said = (of: ReturnType<typeof verdicts>) => of.map(({ what }) => what).join(", ") || "nothing";
  return [
    ...(full.outcome === inside.outcome ? [] : [`outcome ${full.outcome} became ${inside.outcome}`]),
    ...(said(expected) === said(actual) ? [] : [`decisions ${said(expected)} became ${said(actual)}`]),
    ...(JSON.stringify(full.cohortsHeld) === JSON.stringify(inside.cohortsHeld)
      ? []
      : [`cohorts ${JSON.stringify(full.cohortsHeld)} became ${JSON.stringify(inside.cohortsHeld)}`]),
    ...(hoursApart(full, inside) <= MAY_DIFFER_HOURS ? [] : [`they are ${hoursApart(full, inside)} hours apart`]),
  ];
}

/** Decisions on the release as a whole; the controller's waves follow from reports and are as many as these allow. */
function verdicts({ decisions }: Summary) {
  return decisions.flatMap(({ at, by, verdict }) =>
    by === "controller" ? [] : [{ at: Date.parse(at), what: `${by} ${verdict}` }],
  );
}

function hoursApart(full: Summary, inside: Summary): number {
  const [expected, actual] = [verdicts(full), verdicts(inside)];
  const decided = expected.map(({ at }, index) => Math.abs(at - (actual[index]?.at ?? at)));
  const opened = full.rings.flatMap(({ openedAt }, index) => {
    const other = inside.rings[index]?.openedAt ?? null;
    return openedAt === null || other === null ? [] : [Math.abs(Date.parse(openedAt) - Date.parse(other))];
  });
  return Math.max(0, ...decided, ...opened) / HOUR;
}
