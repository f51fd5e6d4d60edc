import { isShown } from "../shared/approvals/delivery.js";
import type { Approval } from "../shared/approvals/store.js";
import { AppError } from "../shared/errors.js";
import { showApproval } from "./activities/approval.js";
import { type Durable, nowOf, type Orchestration, retryDelaySeconds } from "./durable.js";

/** Tries of one state of an approval; then the next change, or the next reminder, tries again. */
const TRIES = 8;
const NEVER = Number.POSITIVE_INFINITY;

/** Keeps the cards of an approval in Teams up to date, without ever making it wait for Teams. */
export class Cards {
  readonly #ctx: Orchestration;
  readonly #approvalId: string;
  #attempt = 0;
  #againAt = NEVER;

  constructor(ctx: Orchestration, approvalId: string) {
    this.#ctx = ctx;
    this.#approvalId = approvalId;
  }

  /**
   * Shows the approval where it is not shown as it stands; costs nothing where it is, or where Teams asked to wait.
   * Returns when to try again (ms), Infinity when there is nothing to try.
   */
  *show(approval: Approval): Durable<number> {
    if (isShown(approval)) return this.#rest();
    if (this.#againAt !== NEVER && nowOf(this.#ctx) < this.#againAt) return this.#againAt;
    const { retry } = yield* showApproval(this.#ctx, { approvalId: this.#approvalId });
    if (retry === null || ++this.#attempt >= TRIES) return this.#rest();
    this.#againAt = nowOf(this.#ctx) + 1000 * retryDelaySeconds(AppError.fromRecord(retry), this.#attempt);
    return this.#againAt;
  }

  /** Goes on until an approval that has ended is shown so, or Teams stays away. */
  *finish(approval: Approval): Durable<void> {
    while (this.#againAt !== NEVER) {
      yield this.#ctx.df.createTimer(new Date(this.#againAt));
      yield* this.show(approval);
    }
  }

  #rest(): number {
    this.#attempt = 0;
    this.#againAt = NEVER;
    return NEVER;
  }
}
