/** Buckets kept at most; those that are full again go first. */
const MOST_BUCKETS = 10_000;
const MINUTE_MS = 60_000;

interface Bucket {
  tokens: number;
  at: number;
}

export interface BucketOptions {
  /** Tokens that come back in a minute. */
  readonly perMinute: number;
  /** Tokens of a full bucket. */
  readonly burst: number;
}

/** Token buckets by name. Instants are milliseconds of wall time that never go backwards. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly options: BucketOptions) {}

  /** Buckets that are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. Returns 0, or, where there is none, how long until there is one, ms. */
  take(name: string, now: number): number {
    const bucket = this.#refilled(name, now);
    if (bucket.tokens < 1) return ((1 - bucket.tokens) * MINUTE_MS) / this.options.perMinute;
    bucket.tokens -= 1;
    this.#buckets.set(name, bucket);
    this.#shrink(now);
    return 0;
  }

  /** Whole tokens left, and the time until the bucket is full, ms. */
  state(name: string, now: number): { readonly left: number; readonly fullInMs: number } {
    const { tokens } = this.#refilled(name, now);
    const fullInMs = ((this.options.burst - tokens) * MINUTE_MS) / this.options.perMinute;
    return { left: Math.floor(tokens), fullInMs };
  }

  #refilled(name: string, now: number): Bucket {
    const { burst, perMinute } = this.options;
    const { tokens, at } = this.#buckets.get(name) ?? { tokens: burst, at: now };
    return { tokens: Math.min(burst, tokens + ((now - at) * perMinute) / MINUTE_MS), at: now };
  }

  #shrink(now: number): void {
    if (this.#buckets.size <= MOST_BUCKETS) return;
    for (const name of this.#buckets.keys()) {
      if (this.#refilled(name, now).tokens >= this.options.burst) this.#buckets.delete(name);
    }
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_BUCKETS) break;
      this.#buckets.delete(name);
    }
  }
}
