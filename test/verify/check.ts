/** One claim about the whole system at full size. */
export interface Check {
  readonly name: string;
  /** The claim. */
  readonly about: string;
  run(context: CheckContext): Promise<Verdict>;
}

export interface CheckContext {
  /** A smaller version of the same claim: fewer seeds and kills. */
  readonly quick: boolean;
  /** Tells a person how far the check is. */
  readonly progress: (line: string) => void;
}

export interface Verdict {
  readonly passed: boolean;
  /** What was measured, and what it had to be. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** What went wrong, one line each; empty when passed. */
  readonly complaints: readonly string[];
}

export interface Result extends Verdict {
  readonly name: string;
  readonly seconds: number;
}

/** Seeds 1 to `count`. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
