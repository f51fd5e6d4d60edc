/**
 * Reads from the library's own executor which tasks an episode scheduled and under which ids
 * (functions-host.md §2.7, strategy A: exact whatever the orchestrator does with its task objects).
 */

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

export interface HttpCall {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Record<string, string>;
}

interface LibraryAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly instanceId?: string;
  readonly input?: unknown;
  readonly version?: string;
  readonly retryOptions?: RetryOptions;
  readonly fireAt?: Date;
  readonly operation?: string;
  readonly httpRequest?: HttpCall;
  readonly lockRequestId?: string;
  readonly lockSet?: readonly { readonly name: string; readonly key: string }[];
}

export interface LibraryTask {
  readonly id: unknown;
  readonly actionObj: LibraryAction | "noOp";
  readonly parent?: LibraryTask;
  readonly children?: readonly LibraryTask[];
  readonly isCanceled?: boolean;
  readonly isWaitingOnTimer?: boolean;
  readonly attemptNumber?: number;
  readonly error?: Error & { failureDetails?: { isNonRetriable?: boolean } };
  readonly result?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
}

export interface Executor {
  readonly sequenceNumber: number;
  readonly openTasks: Readonly<Record<string, LibraryTask | undefined>>;
  readonly deferredTasks: Readonly<Record<string, readonly unknown[] | undefined>>;
  readonly actions: readonly LibraryAction[];
}

const ActionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

/** A task that the host has to carry out, under the id that the library gave it. */
export type Scheduled = { readonly id: number } & (
  | { readonly kind: "activity"; readonly name: string; readonly input: unknown; readonly attempt?: Attempt }
  | {
      readonly kind: "child";
      readonly name: string;
      readonly instanceId: string | undefined;
      readonly input: unknown;
      readonly version: string | undefined;
      readonly attempt?: Attempt;
    }
  | { readonly kind: "http"; readonly call: HttpCall }
  | { readonly kind: "timer"; readonly fireAt: number; readonly attempt?: Attempt }
  | { readonly kind: "call"; readonly target: string; readonly operation: string; readonly input: unknown }
  | { readonly kind: "signal"; readonly target: string; readonly operation: string; readonly input: unknown }
  | { readonly kind: "lock"; readonly requestId: string; readonly entities: { name: string; key: string }[] }
  | { readonly kind: "release" }
);

/** A repeated attempt, or the wait before it. */
export interface Attempt {
  readonly firstTaskId: number;
  /** The wait before this attempt; undefined for the wait itself. It was scheduled when the last attempt had failed. */
  readonly timerId: number | undefined;
  readonly retry: RetryOptions;
  readonly lastError: Error & { failureDetails?: { isNonRetriable?: boolean } };
}

const DEFAULT_MAX_RETRY_MS = 6 * 86_400_000;

/** The executor of an invocation context, or undefined when the function never got as far as the library. */
export function executorOf(context: unknown): Executor | undefined {
  return (context as { df?: { taskOrchestratorExecutor?: Executor } } | undefined)?.df?.taskOrchestratorExecutor;
}

/**
 * The tasks with the given ids, in id order. Ids without an open task are fire-and-forget: signals and releases, in the
 * order of the action list, of which the first `fired` were handled in earlier episodes.
 * @param now the episode's time in milliseconds, from which retry delays count
 * @returns the tasks, and how many fire-and-forget actions have now been handled
 */
export function scheduledTasks(
  executor: Executor,
  ids: readonly number[],
  fired: number,
  now: number,
): { tasks: Scheduled[]; fired: number } {
  const fireAndForget = executor.actions.filter(
    (a) => a.actionType === ActionType.signalEntity || a.actionType === ActionType.releaseEntities,
  );
  const tasks: Scheduled[] = [];
  let released = 0;
  for (const id of ids) {
    const task = executor.openTasks[id];
    if (task !== undefined) {
      tasks.push(describe(id, task, now));
      continue;
    }
    const action = fireAndForget[fired];
    if (action === undefined) continue;
    if (action.actionType === ActionType.signalEntity) {
      tasks.push({ id, ...entityRequest("signal", action) });
      fired++;
    } else {
      tasks.push({ id, kind: "release" });
      released++;
      if (released === lockedBefore(executor.actions, action)) {
        fired++;
        released = 0;
      }
    }
  }
  return { tasks, fired };
}

/** Of the given open timers, those that the orchestrator has cancelled. */
export function cancelledTimers(executor: Executor, timerIds: Iterable<number>): number[] {
  return [...timerIds].filter((id) => {
    const task = executor.openTasks[id];
    return task !== undefined && (task.isCanceled === true || task.parent?.isCanceled === true);
  });
}

/** How many entities the lock preceding a release action holds: so many ids the release spans. */
function lockedBefore(actions: readonly LibraryAction[], release: LibraryAction): number {
  const locks = flatten(actions.slice(0, actions.indexOf(release))).filter(
    (action) => action.actionType === ActionType.lockEntities,
  );
  return locks.at(-1)?.lockSet?.length ?? 1;
}

function flatten(actions: readonly LibraryAction[]): LibraryAction[] {
  return actions.flatMap((action) => {
    const nested = (action as { compoundActions?: readonly LibraryAction[] }).compoundActions;
    return nested === undefined ? [action] : flatten(nested);
  });
}

function describe(id: number, task: LibraryTask, now: number): Scheduled {
  if (task.actionObj === "noOp") return describeRetry(id, task, now);
  const action = task.actionObj;
  switch (action.actionType) {
    case ActionType.callActivity:
    case ActionType.callActivityWithRetry:
    case ActionType.callSubOrchestrator:
    case ActionType.callSubOrchestratorWithRetry:
      return { id, ...functionCall(action) };
    case ActionType.createTimer:
      return { id, kind: "timer", fireAt: action.fireAt?.getTime() ?? now };
    case ActionType.callEntity:
      return { id, ...entityRequest("call", action) };
    case ActionType.callHttp:
      return { id, kind: "http", call: httpCall(task, action) };
    case ActionType.lockEntities:
      return { id, kind: "lock", requestId: action.lockRequestId ?? "", entities: [...(action.lockSet ?? [])] };
    default:
      throw new Error(`The orchestrator scheduled an action of unknown type ${action.actionType}.`);
  }
}

/** A retried task: after a failed attempt the library waits for a timer, then for the next attempt. */
function describeRetry(id: number, task: LibraryTask, now: number): Scheduled {
  const parent = task.parent;
  const action = parent?.actionObj;
  if (parent === undefined || action === undefined || action === "noOp" || action.retryOptions === undefined) {
    throw new Error(`The orchestrator scheduled task ${id}, which is not part of a retried call.`);
  }
  const waiting = parent.isWaitingOnTimer === true && parent.children?.at(-1) === task;
  const position = parent.children?.indexOf(task) ?? 0;
  const attempt: Attempt = {
    firstTaskId: Number(parent.children?.[0]?.id),
    timerId: waiting ? undefined : Number(parent.children?.[position - 1]?.id),
    retry: action.retryOptions,
    lastError: parent.error ?? new Error(""),
  };
  if (!waiting) return { id, ...functionCall(action), attempt };
  return { id, kind: "timer", fireAt: now + retryDelay(action.retryOptions, parent.attemptNumber ?? 2), attempt };
}

/** Milliseconds before attempt `next` (2 = the first repetition); none when there will be no further attempt. */
function retryDelay(retry: RetryOptions, next: number): number {
  if (next > retry.maxNumberOfAttempts) return 0;
  const delay = retry.firstRetryIntervalInMilliseconds * (retry.backoffCoefficient ?? 1) ** (next - 2);
  return Math.min(delay, retry.maxRetryIntervalInMilliseconds ?? DEFAULT_MAX_RETRY_MS);
}

type FunctionCall =
  | { kind: "activity"; name: string; input: unknown }
  | { kind: "child"; name: string; instanceId: string | undefined; input: unknown; version: string | undefined };

function functionCall(action: LibraryAction): FunctionCall {
  const name = action.functionName ?? "";
  const { input } = action;
  const isActivity =
    action.actionType === ActionType.callActivity || action.actionType === ActionType.callActivityWithRetry;
  if (isActivity) return { kind: "activity", name, input };
  return { kind: "child", name, instanceId: action.instanceId, input, version: action.version };
}

function entityRequest<K extends "call" | "signal">(kind: K, action: LibraryAction) {
  return { kind, target: action.instanceId ?? "", operation: action.operation ?? "", input: action.input };
}

/** The request as written, or a poll of the Location that the request before it answered with. */
function httpCall(task: LibraryTask, action: LibraryAction): HttpCall {
  const original = action.httpRequest;
  if (original === undefined) throw new Error("The orchestrator scheduled an HTTP call without a request.");
  const siblings = task.parent?.children ?? [];
  const position = siblings.indexOf(task);
  const polls = task.parent !== undefined && "defaultHttpAsyncRequestSleepDuration" in task.parent && position > 0;
  if (!polls) return original;
  let uri = original.uri;
  for (const answered of siblings.slice(0, position)) {
    const location = header(answered.result?.headers, "location");
    if (location !== undefined) uri = new URL(location, uri).href;
  }
  return { method: "GET", uri, headers: pollHeaders(original, uri) };
}

/** A poll never carries the function key, and no Authorization to another origin (functions-host.md §2.6). */
function pollHeaders(original: HttpCall, uri: string): Record<string, string> {
  const sameOrigin = new URL(uri).origin === new URL(original.uri).origin;
  return Object.fromEntries(
    Object.entries(original.headers ?? {}).filter(([name]) => {
      const lower = name.toLowerCase();
      return lower !== "x-functions-key" && (sameOrigin || lower !== "authorization");
    }),
  );
}

function header(headers: Record<string, string> | undefined, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
