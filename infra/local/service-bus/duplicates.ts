import type { Runtime } from "./runtime.js";

/** Drops messages whose id was seen within a window of domain time. */
export class DuplicateHistory {
  /** Insertion order is order of time. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly runtime: Runtime,
    private readonly entity: string,
    private readonly windowMs: number | undefined,
  ) {}

  /** The messages whose id is new; their ids are remembered from now. */
  keepNew<T extends { readonly messageId: string }>(messages: readonly T[]): T[] {
    if (this.windowMs === undefined) return [...messages];
    const now = this.runtime.clock.now();
    this.#forget(now - this.windowMs);
    const fresh = messages.filter(({ messageId }) => !this.#seen.has(messageId) && this.#seen.set(messageId, now));
    if (fresh.length > 0) {
      const ids = fresh.map(({ messageId }) => [messageId, now] as const);
      this.runtime.record({ op: "seen", entity: this.entity, ids });
    }
    return fresh;
  }

  restore(ids: readonly (readonly [id: string, at: number])[]): void {
    for (const [id, at] of ids) this.#seen.set(id, at);
  }

  entries(): [id: string, at: number][] {
    return [...this.#seen];
  }

  #forget(before: number): void {
    for (const [id, at] of this.#seen) {
      if (at > before) return;
      this.#seen.delete(id);
    }
  }
}
