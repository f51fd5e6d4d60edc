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
  /** What the figure should be, and whether it is. */
  readonly aim?: { readonly text: string; readonly met: boolean };
}

export interface BenchmarkOptions {
  readonly seed: number;
  /** Tells a person what is going on. */
  readonly progress: (line: string) => void;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

export function figure(name: string, value: number, unit: string, aim?: Figure["aim"]): Figure {
  return aim === undefined ? { name, value, unit } : { name, value, unit, aim };
}
