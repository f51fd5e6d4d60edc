import { completes, EventType, History, type HistoryEvent, opensTask } from "./history.js";

/** One commit's part of a history. */
export interface HistoryRow {
  readonly events: readonly HistoryEvent[];
  /** Timers cancelled in that commit. */
  readonly cancelled?: readonly number[];
}

/** A history of events that are all played. */
export function historyOf(events: readonly HistoryEvent[]): History {
  const history = new History();
  history.append(events);
  return history;
}

/** Tasks scheduled and neither completed nor cancelled. */
export function openTasks(parts: readonly HistoryRow[]): Map<number, HistoryEvent> {
  const open = new Map<number, HistoryEvent>();
  for (const { events, cancelled = [] } of parts) {
    for (const event of events) {
      if (opensTask(event)) open.set(event.EventId, event);
      else open.delete(completes(event) ?? -1);
    }
    for (const id of cancelled) open.delete(id);
  }
  return open;
}

/** Ids of the timers among open tasks. */
export function timersOf(opened: ReadonlyMap<number, HistoryEvent>): number[] {
  return [...opened].filter(([, event]) => event.EventType === EventType.timerCreated).map(([id]) => id);
}
