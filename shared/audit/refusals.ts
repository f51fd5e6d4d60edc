import { randomUUID } from "node:crypto";
import type { Actor } from "../access/roles.js";
import { clock } from "../clock.js";
import { wall } from "../wall.js";
import { audit } from "./audit.js";

export interface Refused {
  readonly actor: Pick<Actor, "id" | "name">;
  readonly action: string;
  readonly target: string;
  /** Why, and what came; never a secret. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/**
 * Writes refusals into the audit log, but only so many in a time, lest a flood fill it: of those beyond, the next entry
 * says how many there were. Each instance of the app counts for itself.
 */
export class RefusalLog {
  readonly #most: number;
  readonly #windowMs: number;
  #since = Number.NEGATIVE_INFINITY;
  #written = 0;
  #leftOut = 0;

  /**
   * @param most entries in a window, default 60
   * @param windowMs length of a window in wall time, default an hour
   */
  constructor(most = 60, windowMs = 3_600_000) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Notes a refusal; throws what the audit log throws. */
  async note({ evidence, ...refused }: Refused): Promise<void> {
    const now = wall.now();
    if (now - this.#since >= this.#windowMs) {
      this.#since = now;
      this.#written = 0;
    }
    if (this.#written >= this.#most) {
      this.#leftOut++;
      return;
    }
    this.#written++;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    const counted = leftOut === 0 ? evidence : { ...evidence, leftOut };
    await audit({ ...refused, at: clock.now(), key: randomUUID(), evidence: counted });
  }
}
