import { indexAttributes } from "../attributes/columns.js";
import { type Cohort, matches, parseCohort } from "../cohorts/cohort.js";
import { drillDown } from "../cohorts/drill-down.js";
import type { CohortEvidence } from "../cohorts/evidence.js";
import { type GateCounts, mayBeChance } from "../cohorts/provisional.js";
import type { SuperfluousHold } from "../cohorts/superfluous.js";
import type { GateStep } from "../gate/evidence.js";
import type { DeviceRow } from "../ledger/index.js";
import type { Decision } from "./decisions.js";
import { endHolds, HoldEnd, holdsCohorts, newHold, provisionalHolds, withEvidence } from "./holds.js";
import { judge } from "./judge.js";
import type { Release } from "./store.js";

/** What an examination of a release's cohorts has found. Plain JSON. */
export interface Examination {
  readonly found: readonly CohortEvidence[];
  /** For people: what e-BH rejects among the rest, the strongest evidence first. */
  readonly advice: readonly CohortEvidence[];
  readonly superfluous: readonly SuperfluousHold[];
  /** Evidence by now of the cohorts that were held provisionally and stay held. */
  readonly reviewed: readonly CohortEvidence[];
}

/** What an examination has to know of the release beside its devices. */
export interface ExaminationInput {
  /** `cohortId` of the cohorts held, or advised to be held. */
  readonly held: readonly string[];
  /** Those of them that are held provisionally (cohorts/method.ts). */
  readonly provisional: readonly string[];
  /** What the gate counts; null: the cohorts' own evidence alone decides. */
  readonly gate: GateCounts | null;
  /** Cohorts that people released: what had been reported by then (ms) was accepted and counts no more. */
  readonly released: readonly { readonly cohort: string; readonly at: number }[];
  /** Rings where people had the update uninstalled: a rollback there says nothing about it. */
  readonly uninstalled: readonly string[];
}

/**
 * What the gate counts of a release if its cohorts have to be tested before the gate acts, else null: its failures are
 * about to hold or pause it, and there are more of them than were examined before (gate.md §2.4); or the rest has shown
 * enough for a provisional hold to be over.
 */
export function examinationDue(release: Release, steps: readonly GateStep[], now: number): GateCounts | null {
  if (release.state.gate.decision === "pause") return null;
  const evidence = judge(release, { steps }, now)?.evidence;
  if (evidence === undefined) return null;
  const { holdEvidence } = release.gate;
  const accepted = evidence.input.accepted ?? { failures: 0, exposure: 0 };
  const gate = {
    failures: Math.max(0, evidence.failures - accepted.failures),
    nEff: Math.max(0, evidence.nEff - accepted.exposure),
    pTol: evidence.pTol,
    holdEvidence,
  };
  const hasMore = evidence.failures > release.examinedFailures;
  if (hasMore && evidence.logE >= Math.log(holdEvidence)) return gate;
  const isOver = provisionalHolds(release).some(({ evidence: { input } }) =>
    mayBeChance(gate, { exposed: input.cohortExposed, failures: input.cohortFailures }),
  );
  return isOver ? gate : null;
}

/** What an examination of the release has to know, with what the gate counts. */
export function examinationOf(
  release: Release,
  uninstalled: readonly string[],
  gate: GateCounts | null,
): ExaminationInput {
  return {
    held: release.holds.filter(({ ended }) => ended === null).map(({ cohort }) => cohort),
    provisional: provisionalHolds(release).map(({ cohort }) => cohort),
    gate,
    released: release.holds.flatMap(({ cohort, ended }) =>
      ended?.because === HoldEnd.released ? [{ cohort, at: ended.at }] : [],
    ),
    uninstalled,
  };
}

/**
 * Tests all cohorts of a release by its devices in the ledger (gate.md §5): exposed are those with a final report,
 * failing those that failed or rolled back without having been ordered to. Pure; the order of devices does not matter.
 */
export function examineDevices(devices: readonly DeviceRow[], input: ExaminationInput): Examination {
  const index = indexAttributes(devices.length, (at) => devices[at]?.attributes ?? {});
  const released = input.released.map(({ cohort, at }) => ({ cohort: parseCohort(cohort), at }));
  const exposed: number[] = [];
  const failing: number[] = [];
  for (const [place, device] of devices.entries()) {
    if (device.reportedAt === undefined || isAccepted(device, released)) continue;
    exposed.push(place);
    if (hasFailed(device, input.uninstalled)) failing.push(place);
  }
  const { provisional, gate } = input;
  const held = input.held.map(parseCohort);
  const devicesKnown = { index, exposed, failing, held, provisional };
  const result = drillDown(gate === null ? devicesKnown : { ...devicesKnown, gate });
  const { held: found, advice, superfluous, reviewed } = result;
  return { found, advice, superfluous, reviewed };
}

/** Whether a device's outcome is a failure that the update may have caused. */
export function hasFailed({ state, ring }: Pick<DeviceRow, "state" | "ring">, uninstalled: readonly string[]): boolean {
  return state === "failed" || (state === "rolledBack" && !uninstalled.includes(ring));
}

function isAccepted(device: DeviceRow, released: readonly { cohort: Cohort; at: number }[]): boolean {
  const reportedAt = Date.parse(device.reportedAt ?? "");
  return released.some(({ cohort, at }) => reportedAt <= at && matches(cohort, device.attributes));
}

/**
 * The release after an examination: found cohorts become holds, provisional ones are held for good once their evidence
 * suffices, those that need not be held any more are released, each with its decision. Where nothing is
 * held, because the gate only advises or cannot, it says what it would hold.
 */
export function withExamination(
  release: Release,
  { found, advice, superfluous, reviewed }: Examination,
  now: number,
): { readonly release: Release; readonly decisions: readonly Decision[] } {
  const enforced = holdsCohorts(release);
  const before = withEvidence(release.holds, reviewed);
  const confirmed = reviewed.filter(({ provisional }) => !provisional);
  const holds = [...before, ...found.map((evidence) => newHold(release, evidence, now))];
  const needless = new Set(superfluous.map(({ cohort }) => cohort));
  const over = { at: now, by: "cohorts", because: HoldEnd.superfluous };
  const told = { at: now, by: "cohorts", enforced } as const;
  return {
    release: { ...release, holds: endHolds(holds, over, ({ cohort }) => needless.has(cohort)), advice },
    decisions: [
      ...found.map((evidence) => ({ ...told, verdict: "hold", previous: "continue", evidence })),
      ...confirmed.map((evidence) => ({ ...told, verdict: "confirm", previous: "hold", evidence })),
      ...superfluous.map((evidence) => ({ ...told, verdict: "release", previous: "hold", evidence })),
    ],
  };
}

/** The release once the gate has counted what is left after an examination: it is not repeated before more devices fail. */
export function withExamined(release: Release, steps: readonly GateStep[]): Release {
  return { ...release, examinedFailures: steps.reduce((sum, { failures }) => sum + failures, 0) };
}

/** A cohort in words: `model Contoso 15 with networkDriver 2.0`. */
export function cohortInWords(cohort: string): string {
  return parseCohort(cohort)
    .map(({ attribute, value }) => `${attribute} ${value}`)
    .join(" with ");
}
