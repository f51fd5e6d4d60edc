import { EventType, type HistoryEvent } from "./history.js";

/** The value of JSON text; text that is not JSON stays text; null stays null. */
export function jsonValue(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `2026-01-01T00:00:00Z`: second precision. */
export const seconds = (iso: string): string => `${iso.slice(0, 19)}Z`;

const NAMES = new Map<EventType, string>([
  [EventType.executionStarted, "ExecutionStarted"],
  [EventType.executionCompleted, "ExecutionCompleted"],
  [EventType.executionTerminated, "ExecutionTerminated"],
  [EventType.taskScheduled, "TaskScheduled"],
  [EventType.taskCompleted, "TaskCompleted"],
  [EventType.taskFailed, "TaskFailed"],
  [EventType.subOrchestrationCreated, "SubOrchestrationInstanceCreated"],
  [EventType.subOrchestrationCompleted, "SubOrchestrationInstanceCompleted"],
  [EventType.subOrchestrationFailed, "SubOrchestrationInstanceFailed"],
  [EventType.timerCreated, "TimerCreated"],
  [EventType.timerFired, "TimerFired"],
  [EventType.eventSent, "EventSent"],
  [EventType.eventRaised, "EventRaised"],
  [EventType.genericEvent, "GenericEvent"],
  [EventType.executionSuspended, "ExecutionSuspended"],
  [EventType.executionResumed, "ExecutionResumed"],
]);

/** The history as clients see it: scheduling merged into completion, episode markers left out (functions-host.md §3.4). */
export function historyView(events: readonly HistoryEvent[], show: { output: boolean; input: boolean }) {
  const scheduled = new Map(events.filter(isScheduling).map((event) => [event.EventId, event]));
  const completed = new Set(events.map((event) => event.TaskScheduledId ?? event.TimerId));
  return events
    .filter((event) => NAMES.has(event.EventType) && !(isScheduling(event) && completed.has(event.EventId)))
    .map((event) => view(event, scheduled.get(event.TaskScheduledId ?? event.TimerId ?? -1), show));
}

function isScheduling(event: HistoryEvent): boolean {
  const { EventType: type } = event;
  return (
    type === EventType.taskScheduled || type === EventType.timerCreated || type === EventType.subOrchestrationCreated
  );
}

function view(event: HistoryEvent, origin: HistoryEvent | undefined, show: { output: boolean; input: boolean }) {
  const name =
    origin?.Name ?? (event.EventType === EventType.executionStarted || isScheduling(event) ? event.Name : undefined);
  return {
    EventType: NAMES.get(event.EventType),
    ...(name === undefined ? {} : { FunctionName: name }),
    ...(event.EventType === EventType.eventRaised ? { Name: event.Name } : {}),
    ...(show.input && event.Input !== undefined ? { Input: jsonValue(event.Input) } : {}),
    ...(show.output && event.Result !== undefined ? { Result: jsonValue(event.Result) } : {}),
    ...(event.OrchestrationStatus === undefined ? {} : { OrchestrationStatus: event.OrchestrationStatus }),
    ...(event.Reason === undefined ? {} : { Reason: event.Reason }),
    ...(event.Details === undefined ? {} : { Details: event.Details }),
    ...(event.FireAt === undefined ? {} : { FireAt: event.FireAt }),
    ...(origin?.Timestamp === undefined ? {} : { ScheduledTime: origin.Timestamp }),
    Timestamp: event.Timestamp,
  };
}
