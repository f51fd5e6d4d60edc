import { type Executor, executorOf } from "./executor.js";
import { type History, type HistoryEvent, timeSpan } from "./history.js";
import type { EngineOptions, FunctionInvoker } from "./types.js";

/** What one run of an orchestrator function came to. */
export interface EpisodeOutcome {
  /** What the library knows about tasks; undefined when the function failed before it reached the library. */
  readonly executor: Executor | undefined;
  /** The orchestrator returned, threw or continued as new; undefined while it waits. */
  readonly end?:
    | { readonly kind: "completed"; readonly output: string | null }
    | { readonly kind: "failed"; readonly message: string; readonly failureDetails?: unknown }
    | { readonly kind: "continued"; readonly input: string | null };
  /** JSON text; undefined = unchanged. */
  readonly customStatus?: string;
}

interface LibraryResult {
  readonly isDone?: boolean;
  readonly actions?: readonly (readonly { actionType: number; input?: unknown }[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
  readonly failureDetails?: unknown;
}

export interface EpisodeInput {
  readonly instanceId: string;
  readonly name: string;
  /** JSON text or null. */
  readonly input: string | null;
  readonly parentInstanceId: string | null;
  readonly history: History;
  /** Events of this episode, beginning with OrchestratorStarted. */
  readonly fresh: readonly HistoryEvent[];
}

const MARKER = "\n\n$OutOfProcData$:";
const CONTINUE_AS_NEW = 4;
/** Limit of the platform on the custom status, bytes of UTF-16. */
const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;
/** Schema V4 of the out-of-process protocol: entity locks. */
const UPPER_SCHEMA_VERSION = 3;

/** Runs the orchestrator function once over its history (functions-host.md §2.1, §2.3, §2.4). */
export async function runEpisode(
  invoker: FunctionInvoker,
  options: EngineOptions,
  input: EpisodeInput,
): Promise<EpisodeOutcome> {
  if (!invoker.has("orchestration", input.name)) {
    const message = `The function '${input.name}' doesn't exist, is disabled, or is not an orchestrator function.`;
    return { executor: undefined, end: { kind: "failed", message } };
  }
  const trigger = { string: payload(options, input) };
  const outcome = await invoker.invoke("orchestration", input.name, trigger, { instanceId: input.instanceId });
  const executor = executorOf(outcome.context);
  const ended = outcome.ok
    ? succeeded(outcome.value as LibraryResult | undefined)
    : failed(outcome.error ?? new Error(""));
  return { executor, ...checkLimits(ended, options) };
}

function payload(options: EngineOptions, input: EpisodeInput): string {
  const rest = JSON.stringify({
    instanceId: input.instanceId,
    isReplaying: input.history.length > 0,
    parentInstanceId: input.parentInstanceId,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: UPPER_SCHEMA_VERSION,
    longRunningTimerIntervalDuration: timeSpan(options.longTimerSegmentMs),
    maximumShortTimerDuration: timeSpan(options.maxShortTimerMs),
    defaultHttpAsyncRequestSleepTimeMillseconds: options.defaultHttpPollMs,
  });
  return `{"history":${input.history.withFresh(input.fresh)},"input":${input.input ?? "null"},${rest.slice(1)}`;
}

type Ended = Omit<EpisodeOutcome, "executor"> & { actions: number };

function succeeded(result: LibraryResult | undefined): Ended {
  const actions = result?.actions?.flat() ?? [];
  const base = { actions: actions.length, ...customStatusOf(result) };
  if (result?.isDone !== true) return base;
  const continued = actions.find((action) => action.actionType === CONTINUE_AS_NEW);
  if (continued !== undefined) return { ...base, end: { kind: "continued", input: jsonText(continued.input) } };
  return { ...base, end: { kind: "completed", output: jsonText(result.output) } };
}

function failed(error: Error): Ended {
  const at = error.message.indexOf(MARKER);
  if (at < 0) return { actions: 0, end: { kind: "failed", message: error.message } };
  const result = JSON.parse(error.message.slice(at + MARKER.length)) as LibraryResult;
  const details = result.failureDetails === undefined ? {} : { failureDetails: result.failureDetails };
  return {
    actions: result.actions?.flat().length ?? 0,
    ...customStatusOf(result),
    end: { kind: "failed", message: result.error ?? "", ...details },
  };
}

function checkLimits({ actions, ...ended }: Ended, options: EngineOptions): Omit<EpisodeOutcome, "executor"> {
  if (actions > options.maxOrchestrationActions) {
    const message = `The orchestrator scheduled ${actions} actions; the limit is ${options.maxOrchestrationActions}. Use continueAsNew, or raise maxOrchestrationActions in host.json.`;
    return { end: { kind: "failed", message } };
  }
  if (ended.customStatus !== undefined && ended.customStatus.length * 2 > MAX_CUSTOM_STATUS_BYTES) {
    const message = `The custom status takes ${ended.customStatus.length * 2} bytes of UTF-16; the limit is ${MAX_CUSTOM_STATUS_BYTES}. Store large data elsewhere.`;
    return { end: { kind: "failed", message } };
  }
  return ended;
}

function customStatusOf(result: LibraryResult | undefined): { customStatus?: string } {
  return result?.customStatus === undefined ? {} : { customStatus: JSON.stringify(result.customStatus) };
}

const jsonText = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** Names of events that arrived without anybody waiting for them, and how many of each are left. */
export function executorEvents(outcome: EpisodeOutcome): { name: string; count: number }[] {
  return Object.entries(outcome.executor?.deferredTasks ?? {}).map(([name, waiting]) => ({
    name,
    count: waiting?.length ?? 0,
  }));
}
