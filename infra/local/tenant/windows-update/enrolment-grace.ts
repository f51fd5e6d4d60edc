import { DAY_MS } from "../../../../shared/calendar/days.js";
import type { Clock, Timer } from "../../time/clock.js";
import type { Store } from "../state/store.js";

interface GraceRow {
  readonly id: string;
  readonly sourceId: string;
  readonly groupId: string;
  /** ms of domain time */
  readonly until: number;
}

/**
 * Devices stay enrolled in a quality update policy for a day after it was taken from a group of theirs (autopatch.md
 * §5.10). What is offered to them goes at once where the policy itself is deleted, or where they are excluded.
 */
export class EnrolmentGrace {
  readonly #rows;
  readonly #timers = new Map<string, Timer>();

  /** @param ended hears of a group whose day is over */
  constructor(
    private readonly clock: Clock,
    store: Store,
    private readonly ended: (sourceId: string, groupId: string) => void,
  ) {
    this.#rows = store.table<GraceRow>("enrolmentGrace");
  }

  /** Goes on with what is kept from before. */
  start(): void {
    for (const row of this.#rows.all()) this.#arm(row);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Groups that were taken from a policy within a day. */
  of(sourceId: string): string[] {
    return this.#of(sourceId).map(({ groupId }) => groupId);
  }

  /** Notes which groups a policy has been taken from, and which have come back. */
  change(sourceId: string, before: readonly string[], after: readonly string[]): void {
    const known = this.#of(sourceId);
    for (const row of known) if (after.includes(row.groupId)) this.#drop(row);
    for (const groupId of before) {
      if (after.includes(groupId) || known.some((row) => row.groupId === groupId)) continue;
      const row = { id: `${sourceId} ${groupId}`, sourceId, groupId, until: this.clock.now() + DAY_MS };
      this.#rows.set(row);
      this.#arm(row);
    }
  }

  /** The policy is gone. */
  forget(sourceId: string): void {
    for (const row of this.#of(sourceId)) this.#drop(row);
  }

  #of(sourceId: string): GraceRow[] {
    return [...this.#rows.all()].filter((row) => row.sourceId === sourceId);
  }

  #arm(row: GraceRow): void {
    const end = () => {
      this.#drop(row);
      this.ended(row.sourceId, row.groupId);
    };
    this.#timers.set(row.id, this.clock.at(row.until, end));
  }

  #drop({ id }: GraceRow): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    this.#rows.delete(id);
  }
}
