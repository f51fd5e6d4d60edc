import type { DurableStore } from "../../../../../infra/local/durable/index.js";

const CALLS = ["index", "putIndex", "deleteIndex", "load", "commit", "remove"] as const;

/** A store that dies at the given calls, before or after carrying them out, and stays dead until it is revived. */
export class FaultyStore {
  calls = 0;
  dead = false;
  readonly store: DurableStore;
  #died: () => void = () => {};

  constructor(
    inner: DurableStore,
    readonly diesAt: readonly number[],
    readonly when: "before" | "after",
  ) {
    this.store = new Proxy(inner, {
      get: (target, name) => {
        const member = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        const call = member.bind(target) as (...args: unknown[]) => Promise<unknown>;
        return (CALLS as readonly string[]).includes(String(name))
          ? (...args: unknown[]) => this.#call(() => call(...args))
          : call;
      },
    });
  }

  revive(): void {
    this.dead = false;
  }

  /** Resolves when the store dies. */
  death(): Promise<void> {
    return new Promise((resolve) => {
      this.#died = resolve;
    });
  }

  async #call(carryOut: () => Promise<unknown>): Promise<unknown> {
    if (this.dead) throw new Error("the store is dead");
    const fatal = this.diesAt.includes(this.calls++);
    if (fatal) {
      this.dead = true;
      this.#died();
    }
    if (fatal && this.when === "before") throw new Error("died before the call");
    const result = await carryOut();
    if (fatal) throw new Error("died after the call");
    return result;
  }
}
