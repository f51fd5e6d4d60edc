import type { Attempt, Scheduled } from "./executor.js";
import { EventType, type HistoryEvent, HTTP_ACTIVITY } from "./history.js";
import { type EntityRequest, entityInstanceId, normaliseEntityId } from "./messages.js";
import type { OrchestrationState, Turn } from "./turn.js";

export interface ScheduleContext {
  readonly instanceId: string;
  readonly newId: () => string;
  readonly nextOrder: () => number;
  readonly defaultVersion: string | undefined;
  /** When the task with this id was scheduled, milliseconds. */
  readonly scheduledAt: (taskId: number) => number;
}

/** Turns what the orchestrator scheduled into history events, messages and open tasks (functions-host.md §4.2 step 5). */
export function schedule(turn: Turn, state: OrchestrationState, tasks: readonly Scheduled[], context: ScheduleContext) {
  for (const task of tasks) {
    switch (task.kind) {
      case "activity":
        scheduleActivity(turn, state, task, context);
        break;
      case "http":
        open(turn, {
          EventType: EventType.taskScheduled,
          EventId: task.id,
          Name: HTTP_ACTIVITY,
          Input: one(task.call),
        });
        break;
      case "timer":
        scheduleTimer(turn, task, context);
        break;
      case "child":
        scheduleChild(turn, state, task, context);
        break;
      case "call":
      case "signal":
        sendOperation(turn, state, task, context);
        break;
      case "lock":
        requestLock(turn, state, task, context);
        break;
      case "release":
        releaseOne(turn, state, task.id, context.instanceId);
        break;
    }
  }
}

/** Releases whatever locks an ending execution still holds or waits for. */
export function releaseLocks(turn: Turn, state: OrchestrationState, instanceId: string): void {
  const { lock } = state;
  if (lock === undefined) return;
  for (const to of lock.entities) {
    turn.send.push({ to, message: { kind: "release", parent: instanceId, id: lock.id } });
  }
  delete state.lock;
}

const one = (value: unknown): string => JSON.stringify([value ?? null]);
const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function open(turn: Turn, event: HistoryEvent): void {
  turn.opened.set(event.EventId, turn.append(event));
}

type Of<K extends Scheduled["kind"]> = Extract<Scheduled, { readonly kind: K }>;

function scheduleActivity(turn: Turn, state: OrchestrationState, task: Of<"activity">, context: ScheduleContext): void {
  open(turn, { EventType: EventType.taskScheduled, EventId: task.id, Name: task.name, Input: one(task.input) });
  if (task.attempt !== undefined && givenUp(task.attempt, turn.now, context)) {
    failAgain(turn, state, EventType.taskFailed, task.id, task.attempt, context);
  }
}

function scheduleTimer(turn: Turn, task: Of<"timer">, context: ScheduleContext): void {
  // The library waits once more after the last attempt, however pointless that wait is.
  const pointless = task.attempt !== undefined && givenUp(task.attempt, turn.now, context);
  const fireAt = new Date(pointless ? turn.now : task.fireAt).toISOString();
  open(turn, { EventType: EventType.timerCreated, EventId: task.id, FireAt: fireAt });
}

function scheduleChild(turn: Turn, state: OrchestrationState, task: Of<"child">, context: ScheduleContext): void {
  const instanceId = task.instanceId || `${state.executionId}:${task.id}`;
  const version = task.version ?? context.defaultVersion ?? null;
  const input = text(task.input);
  open(turn, {
    EventType: EventType.subOrchestrationCreated,
    EventId: task.id,
    Name: task.name,
    InstanceId: instanceId,
    Input: input,
    Version: version,
  });
  if (task.attempt !== undefined && givenUp(task.attempt, turn.now, context)) {
    failAgain(turn, state, EventType.subOrchestrationFailed, task.id, task.attempt, context);
    return;
  }
  const parent = { instanceId: context.instanceId, executionId: state.executionId, taskId: task.id };
  const executionId = context.newId();
  turn.send.push({
    to: instanceId,
    message: { kind: "start", name: task.name, version, input, executionId, parent },
  });
}

/** Retry timeout and "not retriable" exist only for the host: it lets the remaining attempts fail without running them. */
function givenUp(attempt: Attempt, now: number, context: ScheduleContext): boolean {
  if (attempt.lastError.failureDetails?.isNonRetriable === true) return true;
  const timeout = attempt.retry.retryTimeoutInMilliseconds;
  if (timeout === undefined) return false;
  const failedAt = attempt.timerId === undefined ? now : context.scheduledAt(attempt.timerId);
  return failedAt - context.scheduledAt(attempt.firstTaskId) >= timeout;
}

function failAgain(
  turn: Turn,
  state: OrchestrationState,
  type: HistoryEvent["EventType"],
  id: number,
  attempt: Attempt,
  context: ScheduleContext,
): void {
  const [reason = "", details = ""] = attempt.lastError.message.split(" \n ");
  const event = { EventType: type, EventId: -1, TaskScheduledId: id, Reason: reason, Details: details };
  turn.readded.push({
    order: context.nextOrder(),
    message: { kind: "done", executionId: state.executionId, event },
  });
}

function sendOperation(
  turn: Turn,
  state: OrchestrationState,
  task: Extract<Scheduled, { kind: "call" | "signal" }>,
  context: ScheduleContext,
): void {
  const input = task.input === undefined ? undefined : JSON.stringify(task.input);
  const request: EntityRequest = {
    op: task.operation,
    signal: task.kind === "signal",
    ...(input === undefined ? {} : { input }),
    id: guid(context.newId()),
    parent: context.instanceId,
    parentExecution: state.executionId,
  };
  sendRequest(turn, task.id, normaliseEntityId(task.target), request);
}

function requestLock(turn: Turn, state: OrchestrationState, task: Of<"lock">, context: ScheduleContext): void {
  const lockset = task.entities.map(({ name, key }) => entityInstanceId(name, key));
  const [first] = lockset;
  if (first === undefined) return;
  state.lock = { id: task.requestId, entities: lockset };
  sendRequest(turn, task.id, first, {
    id: task.requestId,
    parent: context.instanceId,
    parentExecution: state.executionId,
    lockset,
    pos: 0,
  });
}

function sendRequest(turn: Turn, id: number, to: string, request: EntityRequest): void {
  turn.append({
    EventType: EventType.eventSent,
    EventId: id,
    InstanceId: to,
    Name: request.op ?? "op",
    Input: JSON.stringify(request),
  });
  turn.send.push({ to, message: { kind: "operation", request } });
}

/** One release action spans one id per entity locked. */
function releaseOne(turn: Turn, state: OrchestrationState, id: number, instanceId: string): void {
  const { lock } = state;
  const [to, ...rest] = lock?.entities ?? [];
  if (lock === undefined || to === undefined) return;
  const release = { parent: instanceId, id: lock.id };
  turn.append({
    EventType: EventType.eventSent,
    EventId: id,
    InstanceId: to,
    Name: "release",
    Input: JSON.stringify(release),
  });
  turn.send.push({ to, message: { kind: "release", ...release } });
  if (rest.length === 0) delete state.lock;
  else state.lock = { id: lock.id, entities: rest };
}

/** 8-4-4-4-12 form of 32 hexadecimal digits. */
export const guid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
