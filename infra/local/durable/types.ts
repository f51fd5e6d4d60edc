/** What the engine needs from the Functions host, and what can be configured. */

export type FunctionKind = "orchestration" | "entity" | "activity";

/** One run of an app function. */
export interface InvocationOutcome {
  readonly ok: boolean;
  /** Decoded return value; undefined when absent. */
  readonly value?: unknown;
  /** Why it failed, when `ok` is false. */
  readonly error?: Error;
  /** The InvocationContext the function ran with; the engine reads `context.df.taskOrchestratorExecutor`. */
  readonly context: unknown;
}

export interface FunctionInvoker {
  /** Whether the app registered such a durable function. Names are case-insensitive. */
  has(kind: FunctionKind, name: string): boolean;
  invoke(
    kind: FunctionKind,
    name: string,
    trigger: { string?: string } | undefined,
    metadata: { instanceId: string },
  ): Promise<InvocationOutcome>;
}

export interface EngineOptions {
  readonly hubName: string;
  /** Timers longer than this are segmented by the library. Milliseconds. */
  readonly maxShortTimerMs: number;
  /** Length of one segment of a long timer. Milliseconds. */
  readonly longTimerSegmentMs: number;
  /** Pause between polls of callHttp when the answer carries no Retry-After. Milliseconds. */
  readonly defaultHttpPollMs: number;
  readonly maxEntityBatch: number;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  readonly maxOrchestrationActions: number;
  readonly overridableExistingInstanceStates: "NonRunningStates" | "AnyState";
  readonly defaultVersion?: string;
  /** One invocation at a time, in a reproducible order (virtual time). */
  readonly serial: boolean;
  /** 32 hexadecimal digits, seedable. */
  readonly newId: () => string;
  /** The gate shared with the host: everything that runs in serial mode runs inside it. */
  readonly exclusive?: <T>(run: () => Promise<T>) => Promise<T>;
}

export type LogLevel = "debug" | "information" | "warning" | "error";
export type Log = (level: LogLevel, message: string) => void;

/** The platform's own defaults (functions-host.md §5.2). */
export const ENGINE_DEFAULTS = {
  hubName: "TestHubName",
  maxShortTimerMs: 6 * 86_400_000,
  longTimerSegmentMs: 3 * 86_400_000,
  defaultHttpPollMs: 30_000,
  maxEntityBatch: 5000,
  maxConcurrentActivities: 20,
  maxConcurrentOrchestrators: 20,
  maxOrchestrationActions: 100_000,
  overridableExistingInstanceStates: "NonRunningStates",
  serial: false,
} as const satisfies Partial<EngineOptions>;

export const RuntimeStatus = {
  running: "Running",
  pending: "Pending",
  completed: "Completed",
  failed: "Failed",
  canceled: "Canceled",
  terminated: "Terminated",
  continuedAsNew: "ContinuedAsNew",
  suspended: "Suspended",
} as const;
export type RuntimeStatus = (typeof RuntimeStatus)[keyof typeof RuntimeStatus];

const TERMINAL: ReadonlySet<RuntimeStatus> = new Set<RuntimeStatus>(["Completed", "Failed", "Canceled", "Terminated"]);

/** Whether an instance with this status will never run again by itself. */
export const isTerminal = (status: RuntimeStatus): boolean => TERMINAL.has(status);
