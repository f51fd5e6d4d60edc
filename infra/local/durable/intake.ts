import { completes, EventType, type HistoryEvent } from "./history.js";
import type { Envelope, Message, StartMessage } from "./messages.js";
import { beginExecution, failureForParent, type OrchestrationState, type Turn } from "./turn.js";
import { isTerminal } from "./types.js";

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
