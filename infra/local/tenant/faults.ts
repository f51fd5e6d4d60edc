import { uniform } from "../../../shared/random.js";

/** Faults that can be switched on; rates are shares of requests, 0–1. */
export interface Faults {
  /** Refuse before anything happens: 429 with Retry-After, alternately in seconds and as a date. */
  readonly throttle?: { readonly rate: number; readonly retryAfterSeconds: number };
  /** 503 or 504 after the write was applied. */
  readonly unavailableAfterWrite?: number;
  /** The connection is cut after the write was applied. */
  readonly resetAfterWrite?: number;
  /** 202 for something that never happens. */
  readonly hiddenWrite?: number;
  /** Pages that begin with the last items of the page before. */
  readonly repeatItems?: number;
  /** Answers cut in the middle of the JSON text. */
  readonly truncatedJson?: number;
  /** `forbidden`: /admin/windows/updates/policies answers 403, as in a tenant without that API. */
  readonly groupModel?: "available" | "forbidden";
  /** From a group write until update policies and assignments know it. Default 30 s of domain time. */
  readonly consistencyDelaySeconds?: number;
  /** From any other write until reads show it. Default 0. */
  readonly readDelaySeconds?: number;
  /** Teams refuses with 429 what exceeds its rate limits, in wall time (graph.md §4.5). Default false. */
  readonly teamsLimits?: boolean;
}

type Rated = "throttle" | "unavailableAfterWrite" | "resetAfterWrite" | "hiddenWrite" | "repeatItems" | "truncatedJson";

/**
 * Decides by seeded draws which request suffers which fault. A draw depends on the request and on how often it was
 * made, not on what other requests did meanwhile.
 */
export class FaultControl {
  #faults: Faults = {};
  readonly #occurrences = new Map<string, number>();

  constructor(private readonly seed: number) {}

  /** Changes the given faults and keeps the others. */
  set(faults: Faults): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  /** Back to a service in good health. */
  clear(): void {
    this.#faults = {};
    this.#occurrences.clear();
  }

  get current(): Faults {
    return this.#faults;
  }

  /** The draws for one request. */
  draw(request: string): (fault: Rated) => boolean {
    const rated = this.#rates();
    if (rated.size === 0) return () => false;
    const nth = (this.#occurrences.get(request) ?? 0) + 1;
    this.#occurrences.set(request, nth);
    return (fault) => uniform(this.seed, fault, request, nth) < (rated.get(fault) ?? 0);
  }

  /** Whether this throttled answer names a date instead of seconds. */
  namesDate(request: string): boolean {
    return uniform(this.seed, "date", request, this.#occurrences.get(request) ?? 0) < 0.5;
  }

  #rates(): Map<Rated, number> {
    const { throttle, unavailableAfterWrite, resetAfterWrite, hiddenWrite, repeatItems, truncatedJson } = this.#faults;
    const all: [Rated, number | undefined][] = [
      ["throttle", throttle?.rate],
      ["unavailableAfterWrite", unavailableAfterWrite],
      ["resetAfterWrite", resetAfterWrite],
      ["hiddenWrite", hiddenWrite],
      ["repeatItems", repeatItems],
      ["truncatedJson", truncatedJson],
    ];
    return new Map(all.flatMap(([name, rate]) => (rate === undefined || rate === 0 ? [] : [[name, rate] as const])));
  }
}
