import { completes, EventType, type HistoryEvent } from "./history.js";
import type { BaseHead, ToSend } from "./instance.js";
import type { Envelope, Message, Parent, StartMessage } from "./messages.js";
import { isTerminal, type RuntimeStatus } from "./types.js";

/** What is saved of an orchestration beside its history. */
export interface OrchestrationHead extends BaseHead {
  readonly kind: "orchestration";
  name: string;
  version: string | null;
  status: RuntimeStatus;
  executionId: string;
  parent?: Parent;
  created: string;
  updated: string;
  /** The execution that waits for its first episode. */
  start?: StartMessage;
  /** Counts histories: continue-as-new, rewind and reuse of the id begin a new one. */
  generation: number;
  /** Rows of the present history. */
  rows: number;
  /** Latest time that user code has seen, milliseconds. */
  now: number;
  /** Next task id of the library. */
  nextId: number;
  /** Fire-and-forget actions handled so far. */
  fired: number;
  /** JSON text. */
  customStatus: string | null;
  /** JSON text. */
  output: string | null;
  /** How user code ended, while tasks are still open. */
  end?: End;
  /** Locks asked for and not yet released. */
  lock?: { readonly id: string; readonly entities: readonly string[] };
}

export type OrchestrationState = Omit<OrchestrationHead, "origin" | "seq" | "marks">;

export type End =
  | { readonly kind: "completed"; readonly output: string | null }
  | { readonly kind: "failed"; readonly output: string }
  | { readonly kind: "continued"; readonly input: string | null };

/** The changes of one step of an orchestration, collected before they are saved together. */
export class Turn {
  /** Events for user code. */
  readonly arrived: HistoryEvent[] = [];
  /** Everything to append to the history. */
  readonly appended: HistoryEvent[] = [];
  readonly consumed: Envelope[] = [];
  readonly held: Envelope[] = [];
  /** Messages that this step puts into the instance's own inbox. */
  readonly readded: Envelope[] = [];
  readonly send: ToSend[] = [];
  readonly opened = new Map<number, HistoryEvent>();
  readonly closed = new Set<number>();
  readonly cancelled: number[] = [];
  /** The history begins anew, with these events. */
  rewritten: HistoryEvent[] | undefined;
  terminateReason: string | undefined;
  rewind = false;
  ended = false;

  constructor(
    public state: OrchestrationState | undefined,
    /** Time of this step, milliseconds. */
    readonly now: number,
  ) {}

  get timestamp(): string {
    return new Date(this.now).toISOString();
  }

  append(event: HistoryEvent): HistoryEvent {
    const dated = { ...event, Timestamp: this.timestamp };
    this.appended.push(dated);
    return dated;
  }
}

/**
 * Sorts the inbox into a turn (functions-host.md §4.2 steps 1 and 2): control messages act at once, completions of tasks
 * that are not open are dropped, a suspended instance holds the rest.
 */
export class Intake {
  #accepted: Envelope[] = [];
  #waiting: Envelope[] = [];

  constructor(
    private readonly turn: Turn,
    private readonly isOpen: (taskId: number) => boolean,
  ) {}

  /** Stops at a termination: what came later is left for the next step. */
  take(inbox: readonly Envelope[]): void {
    for (const envelope of inbox) {
      this.#take(envelope);
      if (this.turn.terminateReason !== undefined) break;
    }
    this.turn.held.push(...this.#waiting);
    for (const envelope of this.#accepted) {
      this.turn.consumed.push(envelope);
      this.turn.arrived.push(eventOf(envelope));
    }
  }

  #take(envelope: Envelope): void {
    const { message } = envelope;
    const { state } = this.turn;
    if (message.kind === "start") this.#start(envelope, message);
    else if (state === undefined) this.#waiting.push(envelope);
    else if (message.kind === "rewind") this.#rewind(envelope);
    else if (isTerminal(state.status)) this.#late(envelope, state);
    else if (message.kind === "terminate") this.#terminate(envelope, message.reason);
    else if (message.kind === "suspend") this.#suspend(envelope, message.reason);
    else if (message.kind === "resume") this.#resume(envelope, message.reason);
    else if (state.status === "Suspended") this.#waiting.push(envelope);
    else this.#accept(envelope);
  }

  /** An entity's reply to a failed execution is recorded: a rewound execution still waits for it. */
  #late(envelope: Envelope, state: OrchestrationState): void {
    const { message } = envelope;
    const reply = message.kind === "event" && message.executionId === state.executionId;
    if (reply && state.status === "Failed") this.#accepted.push(envelope);
    else this.turn.consumed.push(envelope);
  }

  #terminate(envelope: Envelope, reason: string): void {
    this.turn.terminateReason = reason;
    this.turn.consumed.push(envelope);
  }

  #start(envelope: Envelope, start: StartMessage): void {
    const { turn } = this;
    turn.consumed.push(envelope);
    if (turn.state === undefined || isTerminal(turn.state.status)) beginExecution(turn, start);
    else if (start.executionId !== turn.state.executionId && start.parent !== undefined) {
      const reason = `An Orchestration instance with the status ${turn.state.status} already exists.`;
      turn.send.push(failureForParent(start.parent, reason));
    }
  }

  #rewind(envelope: Envelope): void {
    const { state } = this.turn;
    this.turn.consumed.push(envelope);
    if (state?.status === "Failed") this.turn.rewind = true;
    else if (state?.parent !== undefined && isTerminal(state.status)) {
      this.turn.send.push(failureForParent(state.parent, `The sub-orchestration was ${state.status}.`));
    }
  }

  #suspend(envelope: Envelope, reason: string): void {
    const { turn } = this;
    turn.consumed.push(envelope);
    if (turn.state === undefined || turn.state.status === "Suspended") return;
    turn.state.status = "Suspended";
    turn.append({ EventType: EventType.executionSuspended, EventId: -1, Reason: reason });
    this.#waiting.push(...this.#accepted);
    this.#accepted = [];
    turn.closed.clear();
  }

  #resume(envelope: Envelope, reason: string): void {
    const { turn } = this;
    turn.consumed.push(envelope);
    if (turn.state?.status !== "Suspended") return;
    turn.state.status = turn.state.start === undefined ? "Running" : "Pending";
    turn.append({ EventType: EventType.executionResumed, EventId: -1, Reason: reason });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const held of waiting) this.#accept(held);
  }

  #accept(envelope: Envelope): void {
    const { turn } = this;
    const { message } = envelope;
    const { state } = turn;
    if (state === undefined || (message.kind !== "event" && message.kind !== "done")) {
      turn.consumed.push(envelope);
      return;
    }
    const foreign = message.executionId !== undefined && message.executionId !== state.executionId;
    if (foreign) turn.consumed.push(envelope);
    else if (message.kind === "event") this.#acceptEvent(envelope, state);
    else {
      const id = completes(message.event);
      if (id === undefined || !this.isOpen(id) || turn.closed.has(id)) turn.consumed.push(envelope);
      else {
        turn.closed.add(id);
        this.#accepted.push(envelope);
      }
    }
  }

  /** After the end of user code nobody listens any more, but the next generation or a rewound execution will. */
  #acceptEvent(envelope: Envelope, state: OrchestrationState): void {
    if (state.end === undefined || state.end.kind === "failed") this.#accepted.push(envelope);
    else if (state.end.kind === "continued") this.#waiting.push(envelope);
    else this.turn.consumed.push(envelope);
  }
}

/** Sets the state to a new execution; whatever was there before is replaced. */
export function beginExecution(turn: Turn, start: StartMessage): void {
  const generation = (turn.state?.generation ?? -1) + 1;
  turn.state = newExecution(start, generation, turn.timestamp);
  turn.rewritten = [];
}

export function newExecution(start: StartMessage, generation: number, timestamp: string): OrchestrationState {
  return {
    kind: "orchestration",
    name: start.name,
    version: start.version,
    status: "Pending",
    executionId: start.executionId,
    ...(start.parent === undefined ? {} : { parent: start.parent }),
    created: timestamp,
    updated: timestamp,
    start,
    generation,
    rows: 0,
    now: 0,
    nextId: 0,
    fired: 0,
    customStatus: null,
    output: null,
  };
}

export function failureForParent(parent: Parent, reason: string): ToSend {
  const event: HistoryEvent = {
    EventType: EventType.subOrchestrationFailed,
    EventId: -1,
    TaskScheduledId: parent.taskId,
    Reason: reason,
    Details: "",
  };
  return { to: parent.instanceId, message: { kind: "done", executionId: parent.executionId, event } };
}

function eventOf(envelope: Envelope): HistoryEvent {
  const message = envelope.message as Extract<Message, { kind: "event" | "done" }>;
  if (message.kind === "done") return message.event;
  return {
    EventType: EventType.eventRaised,
    EventId: -1,
    Name: message.name,
    Input: message.input,
    ...(message.executionId === undefined ? { Order: envelope.order } : {}),
  };
}
