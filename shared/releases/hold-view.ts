import type { CohortEvidence } from "../cohorts/evidence.js";
import { cohortInWords } from "./examination.js";
import type { CohortHold } from "./holds.js";
import type { Release } from "./store.js";

const iso = (at: number): string => new Date(at).toISOString();

/** A hold as the API shows it: whom it keeps from the update, since when, and on which evidence. */
export function holdView(hold: CohortHold) {
  const { id, cohort, since, evidence, enforced, ended, exempt, rings } = hold;
  const status = ended !== null ? ended.because : enforced ? ("inForce" as const) : ("advised" as const);
  return {
    id,
    cohort,
    inWords: cohortInWords(cohort),
    conditions: evidence.input.cohort,
    status,
    /** Its failures may still be chance; the hold is then over by itself. */
    provisional: status === "inForce" && evidence.provisional,
    since: iso(since),
    evidence: evidenceView(evidence),
    devices: Object.values(rings).reduce((sum, { held }) => sum + held, 0),
    rings,
    exempt,
    ended: ended === null ? null : { ...ended, at: iso(ended.at) },
  };
}

/** Failures in the cohort and outside it, and what the method makes of them; the same input gives it again to the bit. */
function evidenceView({ method, input, e, threshold, share }: CohortEvidence) {
  return {
    method,
    e,
    threshold,
    cohort: { devices: input.devices, exposed: input.cohortExposed, failures: input.cohortFailures },
    outside: { exposed: input.exposed - input.cohortExposed, failures: input.failures - input.cohortFailures },
    shareOfExposed: share,
    input,
  };
}

/** The holds of a release, the oldest first, and what else its cohorts suggest to people. */
export function holdsView({ holds, advice }: Pick<Release, "holds" | "advice">) {
  return {
    value: holds.map(holdView),
    advice: advice.map((evidence) => ({
      cohort: evidence.cohort,
      inWords: cohortInWords(evidence.cohort),
      evidence: evidenceView(evidence),
    })),
  };
}
