import { wall } from "../../../../shared/wall.js";

/** Sends of a bot to one conversation: at most so many within so many milliseconds (graph.md §4.5). */
const PER_CONVERSATION = [
  { withinMs: 1_000, most: 7 },
  { withinMs: 2_000, most: 8 },
  { withinMs: 30_000, most: 60 },
  { withinMs: 3_600_000, most: 1_800 },
] as const;
/** Requests of an app in a tenant per second (graph.md §4.5). */
const PER_APP = [{ withinMs: 1_000, most: 50 }] as const;
/** Requests to a Workflows webhook per second (graph.md §4.4, unverified). */
const PER_WORKFLOW = [{ withinMs: 1_000, most: 4 }] as const;

/** Counts in wall time what the service lets pass: the real one measures real time too. */
export class RateLimits {
  readonly #passed = new Map<string, number[]>();

  constructor(private readonly now: () => number = wall.monotonic) {}

  /** Whether one more send to a conversation passes; if so it is counted. */
  admitsSend(conversationId: string): boolean {
    return this.#admits(`conversation ${conversationId}`, PER_CONVERSATION);
  }

  admitsRequest(): boolean {
    return this.#admits("app", PER_APP);
  }

  admitsWorkflow(id: string): boolean {
    return this.#admits(`workflow ${id}`, PER_WORKFLOW);
  }

  #admits(key: string, limits: readonly { withinMs: number; most: number }[]): boolean {
    const now = this.now();
    const longest = Math.max(...limits.map(({ withinMs }) => withinMs));
    const passed = (this.#passed.get(key) ?? []).filter((at) => at > now - longest);
    const full = limits.some(({ withinMs, most }) => passed.filter((at) => at > now - withinMs).length >= most);
    this.#passed.set(key, full ? passed : [...passed, now]);
    return !full;
  }
}
