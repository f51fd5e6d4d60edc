import { EventType, type HistoryEvent } from "./history.js";
import { releaseLocks } from "./schedule.js";
import { type End, failureForParent, newExecution, type OrchestrationState, type Turn } from "./turn.js";
import type { RuntimeStatus } from "./types.js";

/** Ends an execution whose user code has ended and whose tasks are all done (functions-host.md §4.2 step 7, §4.4). */
export function finish(turn: Turn, state: OrchestrationState, end: End, instanceId: string, newId: () => string): void {
  if (end.kind === "continued") continueAsNew(turn, state, end.input, instanceId, newId);
  else close(turn, state, end.kind === "completed" ? "Completed" : "Failed", end.output, instanceId);
}

/** Ends an execution at once; its open tasks are forgotten (functions-host.md §4.5). */
export function terminate(turn: Turn, state: OrchestrationState, reason: string, instanceId: string): void {
  if (state.start !== undefined) turn.append(executionStarted(state, instanceId));
  turn.append({ EventType: EventType.executionTerminated, EventId: -1, Input: reason });
  close(turn, state, "Terminated", JSON.stringify(reason), instanceId);
}

function close(
  turn: Turn,
  state: OrchestrationState,
  status: RuntimeStatus,
  output: string | null,
  instanceId: string,
): void {
  turn.append({
    EventType: EventType.executionCompleted,
    EventId: -1,
    OrchestrationStatus: status,
    Result: output,
  });
  state.status = status;
  state.output = output;
  delete state.end;
  delete state.start;
  releaseLocks(turn, state, instanceId);
  notifyParent(turn, state);
  turn.ended = true;
}

function notifyParent(turn: Turn, state: OrchestrationState): void {
  const { parent } = state;
  if (parent === undefined) return;
  if (state.status !== "Completed") {
    const text = state.output === null ? "" : String(JSON.parse(state.output));
    turn.send.push(failureForParent(parent, text));
    return;
  }
  const event: HistoryEvent = {
    EventType: EventType.subOrchestrationCompleted,
    EventId: -1,
    TaskScheduledId: parent.taskId,
    Result: state.output,
  };
  turn.send.push({ to: parent.instanceId, message: { kind: "done", executionId: parent.executionId, event } });
}

/** A new execution with an empty history under the same id (functions-host.md §4.6). */
function continueAsNew(
  turn: Turn,
  state: OrchestrationState,
  input: string | null,
  instanceId: string,
  newId: () => string,
): void {
  releaseLocks(turn, state, instanceId);
  const { name, version, parent, customStatus, created } = state;
  const start = {
    kind: "start" as const,
    name,
    version,
    input,
    executionId: newId(),
    ...(parent === undefined ? {} : { parent }),
  };
  const next = newExecution(start, state.generation + 1, turn.timestamp);
  turn.state = { ...next, created, customStatus, now: state.now, status: "ContinuedAsNew" };
  turn.rewritten = [];
  turn.appended.length = 0;
  turn.opened.clear();
}

/** The first event of an execution. */
export function executionStarted(state: OrchestrationState, instanceId: string): HistoryEvent {
  return {
    EventType: EventType.executionStarted,
    EventId: -1,
    Name: state.name,
    Version: state.version,
    Input: state.start?.input ?? null,
    OrchestrationInstance: { InstanceId: instanceId, ExecutionId: state.executionId },
    ...(state.parent === undefined ? {} : { ParentInstance: state.parent }),
  };
}
