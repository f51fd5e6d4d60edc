import { z } from "zod";
import { iso } from "../calendar/days.js";
import { groupBy } from "../ledger/collections.js";
import { counts, instant } from "../schema.js";
import { percentOf } from "../slo/percent.js";
import { Health } from "../workloads/eligibility.js";
import { type JudgedDevice, UpdateStatus } from "./judge.js";
import { type Objective, onTarget } from "./objective.js";
import { FeatureState } from "./states.js";

const devices = z.int().min(0);

export const objectiveSchema = z
  .object({
    objective: z.number().describe("Percent aimed at."),
    reached: devices,
    denominator: devices.describe("Healthy devices that count; those that a safeguard keeps back do not."),
    percent: z.number().nullable().describe("One decimal, rounded down; null where no device counts."),
    met: z.boolean().nullable().describe("Null while it is not due."),
  })
  .meta({ id: "FeatureObjective" });

/** A release in the summary of feature updates (autopatch.md §9.3). */
export const summaryRowSchema = z.object({
  release: z.string().describe("Name of the feature release, or the group whose settings bring the version."),
  featureReleaseId: z.string().nullable(),
  groupIds: z.array(z.string()),
  versionToDeploy: z.string(),
  deviceCount: devices,
  upToDate: devices,
  notUpToDate: devices,
  inProgress: devices,
  paused: devices,
  notReady: devices,
  percentWithTarget: z.number().nullable().describe("Percent with the target feature update of those that are ready."),
  held: devices.describe("A safeguard keeps the update from them."),
  notEligible: devices,
  reasons: counts.describe("How many devices break each rule of eligibility."),
  states: counts,
  objective: objectiveSchema.describe("95 % once the goal date of their phase is reached; of devices where it is."),
});
export type SummaryRow = z.infer<typeof summaryRowSchema>;

export const summarySchema = z
  .object({
    at: instant,
    value: z.array(summaryRowSchema),
    supported: objectiveSchema.describe("99 % on a version that gets security updates, at any time."),
  })
  .meta({ id: "FeatureSummary" });

/** The summary of feature updates, a row for each release and for each group that its settings bring to a version. */
export function featureSummary(
  judged: readonly JudgedDevice[],
  supported: Objective,
  now: number,
): z.infer<typeof summarySchema> {
  const rows = groupBy(judged, ({ aim, group }) => aim.byRelease?.release.id ?? `!${group.definition.name}`);
  const value = [...rows.values()].map((own) => rowOf(own, now));
  return { at: iso(now), value: value.sort((a, b) => (a.release < b.release ? -1 : 1)), supported };
}

function rowOf(own: readonly JudgedDevice[], now: number): SummaryRow {
  const [first] = own;
  const release = first?.aim.byRelease?.release;
  const count = (wanted: UpdateStatus) => own.filter(({ status }) => status === wanted).length;
  const unhealthy = own.filter(({ eligibility }) => eligibility.label === Health.unhealthy);
  const ready = own.length - count(UpdateStatus.notReady);
  const withTarget = own.filter(
    ({ status, standing }) => status !== UpdateStatus.notReady && standing.state === FeatureState.installed,
  );
  return {
    release: release?.name ?? first?.group.definition.name ?? "",
    featureReleaseId: release?.id ?? null,
    groupIds: [...new Set(own.map(({ group }) => group.id))].sort(),
    versionToDeploy: first?.aim.version ?? "",
    deviceCount: own.length,
    upToDate: count(UpdateStatus.upToDate),
    notUpToDate: count(UpdateStatus.notUpToDate),
    inProgress: count(UpdateStatus.inProgress),
    paused: count(UpdateStatus.paused),
    notReady: count(UpdateStatus.notReady),
    percentWithTarget: percentOf(withTarget.length, ready),
    held: own.filter(({ isHeld }) => isHeld).length,
    notEligible: unhealthy.length,
    reasons: countsOf(unhealthy.flatMap(({ eligibility }) => eligibility.reasons.map(({ code }) => code))),
    states: countsOf(own.map(({ standing }) => standing.state)),
    objective: onTarget(own, now),
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...groupBy(names, (name) => name)].map(([name, each]) => [name, each.length]));
}
