/** History events as the durable-functions library reads them (functions-host.md §2.2). */
export const EventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

export interface HistoryEvent {
  readonly EventType: EventType;
  /** Task id for scheduling events, -1 otherwise. */
  readonly EventId: number;
  readonly IsPlayed?: boolean;
  readonly Timestamp?: string;
  readonly Name?: string;
  readonly Version?: string | null;
  readonly Input?: string | null;
  readonly Result?: string | null;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
  readonly FireAt?: string;
  readonly Reason?: string;
  readonly Details?: string;
  readonly FailureDetails?: unknown;
  readonly InstanceId?: string;
  readonly OrchestrationStatus?: string;
  readonly OrchestrationInstance?: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance?: unknown;
  readonly Data?: string | null;
  /** Ours: the order in which an external event was accepted, so that continue-as-new can put it back in its place. */
  readonly Order?: number;
}

/** A JSON function name under which the built-in HTTP activity is recorded. */
export const HTTP_ACTIVITY = "BuiltIn::HttpActivity";

const SCHEDULING: ReadonlySet<EventType> = new Set<EventType>([
  EventType.taskScheduled,
  EventType.subOrchestrationCreated,
  EventType.timerCreated,
]);

/** Whether the event opens a task that holds the orchestration's completion. */
export const opensTask = (event: HistoryEvent): boolean => SCHEDULING.has(event.EventType);

/** The id of the task that a completion event completes. */
export const completes = (event: HistoryEvent): number | undefined => event.TaskScheduledId ?? event.TimerId;

/** The history of one execution: grows only; kept as the text that the library will be given. */
export class History {
  #played = "";
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds events that have been saved. */
  append(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      const text = JSON.stringify({ ...event, IsPlayed: true });
      this.#played = this.#length === 0 ? text : `${this.#played},${text}`;
      this.#length++;
    }
  }

  events(): HistoryEvent[] {
    return JSON.parse(`[${this.#played}]`) as HistoryEvent[];
  }

  /** JSON text of everything so far plus `fresh`, which has not been played. */
  withFresh(fresh: readonly HistoryEvent[]): string {
    const text = fresh.map((event) => JSON.stringify({ ...event, IsPlayed: false })).join(",");
    return `[${this.#played}${this.#length > 0 && fresh.length > 0 ? "," : ""}${text}]`;
  }
}

/** `[d.]hh:mm:ss` of a duration in milliseconds; fractions keep their milliseconds. */
export function timeSpan(ms: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(ms / 86_400_000);
  const rest = ms % 86_400_000;
  const text = `${days}.${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}`;
  return rest % 1000 === 0 ? text : `${text}.${String(rest % 1000).padStart(3, "0")}`;
}
