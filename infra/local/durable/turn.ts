import { EventType, type HistoryEvent } from "./history.js";
import type { BaseHead, ToSend } from "./instance.js";
import type { Envelope, Parent, StartMessage } from "./messages.js";
import type { RuntimeStatus } from "./types.js";

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
