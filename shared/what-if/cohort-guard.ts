import type { AttributeIndex } from "../attributes/columns.js";
import { type Cohort, cohortId } from "../cohorts/cohort.js";
import { drillDown } from "../cohorts/drill-down.js";
import type { CohortEvidence } from "../cohorts/evidence.js";
import { type GateCounts, mayBeChance } from "../cohorts/provisional.js";
import type { GateVerdict } from "../gate/gate.js";
import { maskOf } from "./fleet.js";
import type { MonthView } from "./policy.js";

/** Safeguard holds of one month: cohorts that fail more often than the rest (gate.md §5). */
export class CohortGuard {
  readonly #index: AttributeIndex;
  #held: Cohort[] = [];
  /** Latest evidence of those that are held provisionally. */
  #provisional: CohortEvidence[] = [];
  /** Failures that were examined, without those of held devices. */
  #examined = 0;

  constructor(index: AttributeIndex) {
    this.#index = index;
  }

  /**
   * Tests the cohorts where a release does so before its failures hold or pause it (releases/examination.ts).
   * @returns all devices (1) to hold; undefined: as before
   */
  examine(view: MonthView, verdict: GateVerdict, holdEvidence: number): Uint8Array | undefined {
    const { failures, nEff, pTol } = verdict.evidence;
    const gate = { failures, nEff, pTol, holdEvidence };
    if (!this.#isDue(verdict, gate)) return undefined;
    const { exposed, failing } = view.results();
    const provisional = this.#provisional.map(({ cohort }) => cohort);
    const { held, superfluous, reviewed } = drillDown({
      ...{ index: this.#index, exposed, failing, held: this.#held, provisional, gate },
    });
    this.#examined = failures;
    const gone = new Set(superfluous.map(({ cohort }) => cohort));
    const newest = new Map([...this.#provisional, ...reviewed, ...held].map((evidence) => [evidence.cohort, evidence]));
    this.#provisional = [...newest.values()].filter((one) => one.provisional && !gone.has(one.cohort));
    if (held.length + superfluous.length === 0) return undefined;
    const found = held.map(({ input }) => input.cohort);
    this.#held = [...this.#held, ...found].filter((cohort) => !gone.has(cohortId(cohort)));
    const mask = maskOf(this.#index, this.#held);
    this.#examined = failing.filter((device) => mask[device] === 0).length;
    return mask;
  }

  #isDue({ decision, evidence }: GateVerdict, gate: GateCounts): boolean {
    if (decision !== "continue" && evidence.failures > this.#examined) return true;
    return this.#provisional.some(({ input }) =>
      mayBeChance(gate, { exposed: input.cohortExposed, failures: input.cohortFailures }),
    );
  }
}
