import type { Options } from "../../infra/local/args.js";

/** What a benchmark prints: its model and parameters beside its figures, so that a number never stands alone. */
export interface BenchmarkResult {
  /** What was simulated, and what was left out. */
  readonly model: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly figures: readonly Figure[];
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure has to be, and whether it is. */
  readonly must?: Limit;
  /** What the figure should be, and whether it is. */
  readonly aim?: Limit;
  /** 95 % confidence interval of the value, and the 95th percentile of the runs. */
  readonly spread?: { readonly low: number; readonly high: number; readonly p95?: number };
}

export interface Limit {
  readonly text: string;
  readonly met: boolean;
}

export interface BenchmarkOptions {
  readonly seed: number;
  /** Tells a person what is going on. */
  readonly progress: (line: string) => void;
  /** The benchmark's own options as given or by default. */
  readonly given: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Options beside those of every benchmark. */
  readonly options?: Options;
  run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

export function figure(name: string, value: number, unit: string, aim?: Figure["aim"]): Figure {
  return aim === undefined ? { name, value, unit } : { name, value, unit, aim };
}
