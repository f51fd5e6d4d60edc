import type { Clock } from "../time/clock.js";
import { DurableApi } from "./api.js";
import { Gate } from "./gate.js";
import type { Instance } from "./instance.js";
import { Lease } from "./lease.js";
import { type Envelope, isEntityId, type Message } from "./messages.js";
import { Orchestration } from "./orchestration.js";
import { Registry } from "./registry.js";
import type { Services } from "./services.js";
import type { DurableStore } from "./store.js";
import type { EngineOptions, FunctionInvoker, Log } from "./types.js";

export interface EngineDependencies {
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly options: EngineOptions;
  readonly log: Log;
  /** Another host has taken the hub over: this engine has stopped for good. */
  readonly onLost?: () => void;
}

/** Orders of acceptance per owner of the hub; far more than one process ever hands out. */
const ORDERS_PER_EPOCH = 1e10;
/** Wall time before a step whose saving failed is tried again, milliseconds. */
const STORE_RETRY_MS = 500;

type Exclusive = <T>(run: () => Promise<T>) => Promise<T>;

/** Runs durable functions of the unmodified durable-functions library; see functions-host.md §4 for the rules it keeps. */
export class DurableEngine implements Services {
  readonly store: DurableStore;
  readonly clock: Clock;
  readonly invoker: FunctionInvoker;
  readonly options: EngineOptions;
  readonly log: Log;
  readonly api: DurableApi;
  readonly registry: Registry;
  readonly #lease: Lease;
  readonly #runStep: Exclusive;
  readonly #runActivity: Exclusive;
  readonly #waiting = new Map<string, Set<() => void>>();
  #order = 0;
  #busy = 0;
  #activity = 0;
  #executions = 0;
  #maxHistoryEvents = 0;
  #stopped = true;
  #quiet: (() => void)[] = [];

  constructor(dependencies: EngineDependencies) {
    this.store = dependencies.store;
    this.clock = dependencies.clock;
    this.invoker = dependencies.invoker;
    this.options = dependencies.options;
    this.log = dependencies.log;
    const { options } = this;
    const serial = options.exclusive ?? (options.serial ? exclusive(new Gate(1)) : undefined);
    this.#runStep = serial ?? exclusive(new Gate(options.maxConcurrentOrchestrators));
    this.#runActivity = serial ?? exclusive(new Gate(options.maxConcurrentActivities));
    this.#lease = new Lease(this.store, options.newId(), this.log, () => {
      this.crash();
      dependencies.onLost?.();
    });
    this.registry = new Registry(this);
    this.api = new DurableApi(this);
  }

  /** Takes the hub and recovers everything that was pending. @throws conflict when another host runs it */
  async start(): Promise<void> {
    const epoch = await this.#lease.take();
    this.#order = epoch * ORDERS_PER_EPOCH;
    this.#stopped = false;
    await this.track(async () => {
      const recovered = await this.registry.recover();
      for (const instance of recovered) instance.resume();
      for (const instance of recovered) await instance.redeliver();
      for (const instance of recovered) this.settle(instance);
    });
  }

  /** Finishes what is running, starts nothing more, and gives the hub back. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#quiet.push(resolve));
    await this.#lease.release();
  }

  /** Stops dead: nothing is saved or started any more, the lease stays. */
  crash(): void {
    this.#stopped = true;
    this.#lease.abandon();
  }

  /** Whether nothing is ready, running, being saved or being delivered. Timers in the clock do not count. */
  idle(): boolean {
    return this.#busy === 0;
  }

  /** Grows with everything the engine does. */
  activity(): number {
    return this.#activity;
  }

  stats(): { executions: number; maxHistoryEvents: number } {
    return { executions: this.#executions, maxHistoryEvents: this.#maxHistoryEvents };
  }

  /** Runs something that must finish before the engine is idle. */
  async track<T>(task: () => Promise<T>): Promise<T> {
    this.#busy++;
    this.#activity++;
    try {
      return await task();
    } finally {
      this.#busy--;
      this.#activity++;
      if (this.#busy === 0) for (const resolve of this.#quiet.splice(0)) resolve();
    }
  }

  nextOrder(): number {
    return this.#order++;
  }

  wake(instance: Instance): void {
    if (instance.queued || this.#stopped) return;
    instance.queued = true;
    void this.track(() => this.#runStep(() => this.#step(instance)));
  }

  async #step(instance: Instance): Promise<void> {
    instance.queued = false;
    if (this.#stopped) return;
    try {
      await instance.exclusively(() => instance.step());
    } catch (error) {
      if (this.#stopped) return;
      this.log("error", `A step of ${instance.id} could not be saved and will be repeated: ${messageOf(error)}`);
      void this.track(pause).then(() => this.wake(instance));
    }
  }

  find(id: string): Instance | undefined {
    return this.registry.find(id);
  }

  async deliver(to: string, message: Message, from: Exclude<Envelope["from"], undefined>): Promise<void> {
    await this.#insist(async () => {
      const instance = await this.#receiver(to, message);
      if (instance === undefined) from.saved();
      else instance.receive({ order: this.nextOrder(), message, from });
    });
  }

  /** Messages create children and entities; anything else for an unknown instance is void. */
  async #receiver(to: string, message: Message): Promise<Instance | undefined> {
    const known = await this.registry.get(to);
    if (known !== undefined) return known;
    const creates = isEntityId(to) ? message.kind === "operation" : message.kind === "start";
    return creates ? this.registry.create(to) : undefined;
  }

  ensureOpen(instance: Instance): Promise<void> {
    return this.registry.ensureOpen(instance);
  }

  settle(instance: Instance): void {
    if (!instance.finished || this.#stopped) return;
    void this.track(() => this.#insist(() => this.registry.close(instance)));
  }

  background(task: () => Promise<void>): void {
    void this.track(task);
  }

  queueActivity(task: () => Promise<void>): void {
    void this.track(() => this.#runActivity(async () => (this.#stopped ? undefined : task())));
  }

  isActive(instanceId: string, executionId: string | undefined): boolean {
    const instance = this.registry.find(instanceId);
    return instance instanceof Orchestration && instance.isRunning(executionId);
  }

  countExecution(): void {
    this.#executions++;
    this.#activity++;
  }

  observeHistory(events: number): void {
    if (events > this.#maxHistoryEvents) this.#maxHistoryEvents = events;
  }

  ended(instanceId: string): void {
    for (const resolve of this.#waiting.get(instanceId) ?? []) resolve();
    this.#waiting.delete(instanceId);
  }

  /** Resolves when the instance ends, or at `deadline` of domain time. */
  whenEnded(instanceId: string, deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.at(deadline, resolve);
      const waiting = this.#waiting.get(instanceId) ?? new Set();
      waiting.add(() => {
        timer.cancel();
        resolve();
      });
      this.#waiting.set(instanceId, waiting);
    });
  }

  /** Repeats what must not be lost until it succeeds or the engine stops. */
  async #insist(task: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        return await task();
      } catch (error) {
        if (this.#stopped) return;
        this.log("error", `Storage failed, trying again: ${messageOf(error)}`);
        await pause();
      }
    }
  }
}

const exclusive =
  (gate: Gate): Exclusive =>
  (run) =>
    gate.run(run);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS).unref());

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
