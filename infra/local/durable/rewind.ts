import { EventType, type HistoryEvent } from "./history.js";

export interface Rewound {
  readonly kept: HistoryEvent[];
  /** Tasks whose scheduling was removed: they get scheduled again under their old ids. */
  readonly taskIds: number[];
  /** Failed sub-orchestrations, to be rewound themselves. */
  readonly children: string[];
}

/** Takes the failures out of a history, so that replaying it runs the failed tasks again (functions-host.md §4.10). */
export function rewindHistory(events: readonly HistoryEvent[]): Rewound {
  const failedTasks = idsOf(events, EventType.taskFailed);
  const failedChildren = idsOf(events, EventType.subOrchestrationFailed);
  const kept = events.filter((event) => {
    switch (event.EventType) {
      case EventType.taskFailed:
      case EventType.subOrchestrationFailed:
      case EventType.executionCompleted:
        return false;
      case EventType.taskScheduled:
        return !failedTasks.has(event.EventId);
      default:
        return true;
    }
  });
  const children = events
    .filter((event) => event.EventType === EventType.subOrchestrationCreated && failedChildren.has(event.EventId))
    .map((event) => event.InstanceId ?? "");
  return { kept, taskIds: [...failedTasks], children };
}

function idsOf(events: readonly HistoryEvent[], type: EventType): Set<number> {
  return new Set(events.filter((event) => event.EventType === type).map((event) => event.TaskScheduledId ?? -1));
}
