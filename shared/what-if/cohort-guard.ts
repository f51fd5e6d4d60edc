import type { AttributeIndex } from "../attributes/columns.js";
import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { type Cohort, cohortId } from "../cohorts/cohort.js";
import { drillDown } from "../cohorts/drill-down.js";
import { exposureOf } from "../cohorts/exposure.js";
import { type SuperfluousHold, superfluousHolds } from "../cohorts/superfluous.js";
import type { GateDecision } from "../gate/gate.js";
import { maskOf } from "./fleet.js";
import type { MonthView } from "./policy.js";

const AGAIN_MS = 6 * HOUR_MS;

/** Safeguard holds of one month: cohorts that fail more often than the rest (gate.md §5). */
export class CohortGuard {
  readonly #index: AttributeIndex;
  #held: Cohort[] = [];
  #failures = 0;
  #testedAt = 0;
  #suspected = false;

  constructor(index: AttributeIndex) {
    this.#index = index;
  }

  /**
   * Tests the cohorts before a pause, when a hold begins and every six hours of it, if a failure has come since the last
   * test; otherwise once a day whether holds are needed any more that others have made superfluous.
   * @param decision what the gate is about to decide
   * @returns all devices (1) to hold; undefined: as before
   */
  look(view: MonthView, decision: GateDecision): Uint8Array | undefined {
    const before = this.#held;
    const sinceTest = view.now - this.#testedAt;
    const isNewHold = decision === "hold" && !this.#suspected;
    this.#suspected = decision === "hold";
    if (decision === "pause" || isNewHold || (decision === "hold" && sinceTest >= AGAIN_MS)) this.#search(view);
    else if (decision === "continue" && before.length > 1 && sinceTest >= DAY_MS) this.#review(view);
    return this.#held === before ? undefined : maskOf(this.#index, this.#held);
  }

  #search(view: MonthView): void {
    if (view.failed.length === this.#failures) return;
    this.#failures = view.failed.length;
    this.#testedAt = view.now;
    const { held, superfluous } = drillDown({ index: this.#index, ...view.results(), held: this.#held });
    const found = held.map(({ input }) => input.cohort);
    if (held.length + superfluous.length > 0) this.#keep([...this.#held, ...found], superfluous);
  }

  #review(view: MonthView): void {
    this.#testedAt = view.now;
    const { exposed, failing } = view.results();
    const superfluous = superfluousHolds(this.#index, exposureOf(this.#index, exposed, failing), this.#held);
    if (superfluous.length > 0) this.#keep(this.#held, superfluous);
  }

  #keep(cohorts: readonly Cohort[], superfluous: readonly SuperfluousHold[]): void {
    const gone = new Set(superfluous.map(({ cohort }) => cohort));
    this.#held = cohorts.filter((cohort) => !gone.has(cohortId(cohort)));
  }
}
