import { randomUUID } from "node:crypto";
import type { Actor } from "../access/roles.js";
import { clock } from "../clock.js";
import { TokenBuckets } from "../token-buckets.js";
import { wall } from "../wall.js";
import { audit } from "./audit.js";

export interface Refused {
  readonly actor: Pick<Actor, "id" | "name">;
  readonly action: string;
  readonly target: string;
  /** Why, and what came; never a secret. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface RefusalBounds {
  /** Entries at once, and as many again in every window; default 60. */
  readonly most?: number;
  /** Of these, those of one actor; default: all. */
  readonly mostOfOne?: number;
  /** Length of a window in wall time, ms; default an hour. */
  readonly windowMs?: number;
}

/**
 * Writes refusals into the audit log, but only so many in a time, lest a flood fill it: of those beyond, the next entry
 * says how many there were. Each instance of the app counts for itself.
 */
export class RefusalLog {
  readonly #ofAll: TokenBuckets;
  readonly #ofOne: TokenBuckets;
  #leftOut = 0;

  constructor({ most = 60, mostOfOne = most, windowMs = 3_600_000 }: RefusalBounds = {}) {
    const bucketsOf = (burst: number) => new TokenBuckets({ burst, perMinute: (burst * 60_000) / windowMs });
    this.#ofAll = bucketsOf(most);
    this.#ofOne = bucketsOf(mostOfOne);
  }

  /** Notes a refusal; throws what the audit log throws. */
  async note({ evidence, ...refused }: Refused): Promise<void> {
    const now = wall.monotonic();
    if (this.#ofOne.take(refused.actor.id, now) > 0 || this.#ofAll.take("", now) > 0) {
      this.#leftOut++;
      return;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    const counted = leftOut === 0 ? evidence : { ...evidence, leftOut };
    await audit({ ...refused, at: clock.now(), key: randomUUID(), evidence: counted });
  }
}
