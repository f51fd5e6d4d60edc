import type { AttributeIndex } from "../attributes/columns.js";
import { type Cohort, cohortId } from "../cohorts/cohort.js";
import { drillDown } from "../cohorts/drill-down.js";
import { maskOf } from "./fleet.js";
import type { MonthView } from "./policy.js";

/** Safeguard holds of one month: cohorts that fail more often than the rest (gate.md §5). */
export class CohortGuard {
  readonly #index: AttributeIndex;
  #held: Cohort[] = [];
  /** Failures that were examined, without those of held devices. */
  #examined = 0;

  constructor(index: AttributeIndex) {
    this.#index = index;
  }

  /**
   * Tests the cohorts if there are more failures than were examined before, as a release does before its failures hold or
   * pause it (releases/examination.ts).
   * @returns all devices (1) to hold; undefined: as before
   */
  examine(view: MonthView): Uint8Array | undefined {
    if (view.failed.length <= this.#examined) return undefined;
    const { exposed, failing } = view.results();
    const { held, superfluous } = drillDown({ index: this.#index, exposed, failing, held: this.#held });
    this.#examined = view.failed.length;
    if (held.length + superfluous.length === 0) return undefined;
    const gone = new Set(superfluous.map(({ cohort }) => cohort));
    const found = held.map(({ input }) => input.cohort);
    this.#held = [...this.#held, ...found].filter((cohort) => !gone.has(cohortId(cohort)));
    const mask = maskOf(this.#index, this.#held);
    this.#examined = failing.filter((device) => mask[device] === 0).length;
    return mask;
  }
}
