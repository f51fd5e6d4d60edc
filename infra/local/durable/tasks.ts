import type { Timer } from "../time/clock.js";
import { runActivity } from "./activities.js";
import { completes, EventType, type HistoryEvent, HTTP_ACTIVITY } from "./history.js";
import { runHttpCall } from "./http-activity.js";
import type { Instance } from "./instance.js";
import type { Envelope } from "./messages.js";
import type { Services } from "./services.js";

/** The open tasks of one execution: activities that run, timers that wait, children that are busy. */
export class Tasks {
  #open = new Map<number, HistoryEvent>();
  readonly #timers = new Map<number, Timer>();

  constructor(
    private readonly instance: Instance,
    private readonly services: Services,
  ) {}

  isOpen(id: number): boolean {
    return this.#open.has(id);
  }

  ids(): Iterable<number> {
    return this.#open.keys();
  }

  timerIds(): number[] {
    return [...this.#open].filter(([, event]) => event.EventType === EventType.timerCreated).map(([id]) => id);
  }

  /** Replaces everything; nothing is started. */
  reset(open: Map<number, HistoryEvent>): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#open = open;
  }

  open(executionId: string, event: HistoryEvent, start: boolean): void {
    this.#open.set(event.EventId, event);
    if (start) this.#start(executionId, event);
  }

  close(id: number): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
    this.#open.delete(id);
  }

  /** After recovery: starts everything open again, except what has completed and waits in the inbox. */
  resume(executionId: string, inbox: readonly Envelope[]): void {
    const done = new Set(inbox.map(({ message }) => (message.kind === "done" ? completes(message.event) : undefined)));
    for (const [id, event] of this.#open) if (!done.has(id)) this.#start(executionId, event);
  }

  #start(executionId: string, event: HistoryEvent): void {
    if (event.EventType === EventType.timerCreated) this.#arm(executionId, event);
    else if (event.EventType === EventType.taskScheduled && event.Name === HTTP_ACTIVITY) {
      this.services.background(async () => this.#complete(executionId, await runHttpCall(event)));
    } else if (event.EventType === EventType.taskScheduled) {
      this.services.queueActivity(() => this.#run(executionId, event));
    }
  }

  async #run(executionId: string, event: HistoryEvent): Promise<void> {
    if (this.#open.get(event.EventId) !== event) return;
    this.services.countExecution();
    this.#complete(executionId, await runActivity(this.services.invoker, this.instance.id, event));
  }

  #arm(executionId: string, event: HistoryEvent): void {
    const { EventId: id, FireAt = "" } = event;
    const timer = this.services.clock.at(Date.parse(FireAt), () => {
      this.#timers.delete(id);
      this.#complete(executionId, { EventType: EventType.timerFired, EventId: -1, TimerId: id, FireAt });
    });
    this.#timers.set(id, timer);
  }

  #complete(executionId: string, event: HistoryEvent): void {
    this.instance.receive({ order: this.services.nextOrder(), message: { kind: "done", executionId, event } });
  }
}
