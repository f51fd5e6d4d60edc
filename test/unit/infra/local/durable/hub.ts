import {
  DurableEngine,
  type DurableStore,
  ENGINE_DEFAULTS,
  type EngineOptions,
  type FunctionInvoker,
} from "../../../../../infra/local/durable/index.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { hash32 } from "../../../../../shared/random.js";

const START = Date.parse("2026-01-01T00:00:00Z");

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Seeded ids of 32 hexadecimal digits. */
function idsFrom(seed: string): () => string {
  let n = 0;
  return () => {
    const id = n++;
    return [0, 1, 2, 3].map((part) => hash32(seed, id, part).toString(16).padStart(8, "0")).join("");
  };
}

/** An engine in virtual time, with the means to let it run and to restart it. */
export class Hub {
  clock = new VirtualClock(START);
  engine: DurableEngine;
  readonly errors: string[] = [];
  /** Whether something has happened that nothing will recover from but a restart. */
  broken: () => boolean = () => false;
  #restarts = 0;

  constructor(
    readonly store: DurableStore,
    readonly invoker: FunctionInvoker,
    readonly options: Partial<EngineOptions> = {},
  ) {
    this.engine = this.#newEngine();
  }

  static async start(
    store: DurableStore,
    invoker: FunctionInvoker,
    options: Partial<EngineOptions> = {},
  ): Promise<Hub> {
    const hub = new Hub(store, invoker, options);
    await hub.engine.start();
    return hub;
  }

  get seconds(): number {
    return (this.clock.now() - START) / 1000;
  }

  /** Resolves when nothing happens any more at this instant. */
  async settle(): Promise<void> {
    for (let calm = 0; calm < 3 && !this.broken(); ) {
      await turn();
      calm = this.engine.idle() ? calm + 1 : 0;
    }
  }

  /** Jumps from one due timer to the next until there is none, or until `seconds` after the start. */
  async run(seconds = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await this.settle();
      if (this.broken()) return;
      const due = this.clock.nextDue();
      if (due === undefined || due > START + seconds * 1000) return;
      this.clock.advance(due);
    }
  }

  /** Starts an orchestration, lets everything run and returns its output. */
  async output(name: string, input?: unknown, instanceId?: string): Promise<unknown> {
    const id = await this.start(name, input, instanceId);
    await this.run();
    return this.outputOf(id);
  }

  start(name: string, input?: unknown, instanceId?: string): Promise<string> {
    return this.engine.api.startNew(name, {
      input: input === undefined ? null : JSON.stringify(input),
      ...(instanceId === undefined ? {} : { instanceId }),
    });
  }

  async outputOf(id: string): Promise<unknown> {
    const status = await this.engine.api.status(id);
    const output = status.output === null ? null : JSON.parse(status.output);
    return status.runtimeStatus === "Completed" ? output : `${status.runtimeStatus}: ${output}`;
  }

  raise(id: string, name: string, value?: unknown): Promise<void> {
    return this.engine.api.raiseEvent(id, name, value === undefined ? null : JSON.stringify(value));
  }

  /** A new process over the same store: the old engine is dead, its timers are gone. */
  async restart(): Promise<void> {
    this.engine.crash();
    const now = this.clock.now();
    this.clock = new VirtualClock(now);
    this.#restarts++;
    this.engine = this.#newEngine();
    await this.engine.start();
  }

  #newEngine(): DurableEngine {
    const options = { ...ENGINE_DEFAULTS, serial: true, newId: idsFrom(`ids ${this.#restarts}`), ...this.options };
    return new DurableEngine({
      store: this.store,
      clock: this.clock,
      invoker: this.invoker,
      options,
      log: (level, message) => {
        if (level === "error") this.errors.push(message);
      },
    });
  }
}
