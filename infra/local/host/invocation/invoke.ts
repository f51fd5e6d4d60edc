import type { AppFunction } from "../app/functions.js";
import type { LoadedApp } from "../app/load.js";
import type {
  CoreInvocationContext,
  HookCallback,
  InvocationResponse,
  LogLevel,
  NamedData,
  RetryContext,
  TypedData,
} from "../app/model.js";
import type { Logger } from "../config/logger.js";
import { withTimeout } from "./timeout.js";

/** One run of a function. */
export interface Call {
  readonly fn: AppFunction;
  /** The trigger's data. */
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
  /** Default: a new id. */
  readonly invocationId?: string;
}

export interface Outcome {
  readonly ok: boolean;
  readonly error?: Error;
  /** The InvocationContext of the app's library; undefined when the arguments could not be made. */
  readonly context: unknown;
  readonly response?: InvocationResponse;
}

export type Invoker = (call: Call) => Promise<Outcome>;

export interface InvokerDeps {
  readonly app: LoadedApp;
  readonly log: Logger;
  readonly newId: () => string;
  /** Real milliseconds; Infinity is unlimited. */
  readonly timeoutMs: number;
  /** JSON text of a durableClient input. */
  readonly durableClient: () => string;
  /** Delivers what the function put into its output bindings. */
  readonly sendOutputs: (fn: AppFunction, response: InvocationResponse) => Promise<void>;
}

/** The function that runs functions: arguments, hooks, handler, response, outputs (functions-host.md §1.5). Never throws. */
export function createInvoker(deps: InvokerDeps): Invoker {
  return async (call) => {
    const invocationId = call.invocationId ?? guid(deps.newId());
    const category = `Function.${call.fn.name}`;
    deps.log("information", category, `Executing 'Functions.${call.fn.name}' (Id=${invocationId})`);
    const run: { context?: object } = {};
    try {
      const response = await withTimeout(
        pipeline(deps, call, invocationId, run),
        deps.timeoutMs,
        `Timeout value of ${deps.timeoutMs / 1000} s exceeded by function: Functions.${call.fn.name}`,
      );
      deps.log("information", category, `Executed 'Functions.${call.fn.name}' (Succeeded, Id=${invocationId})`);
      return { ok: true, context: run.context, response };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const text = error.stack ?? error.message;
      deps.log("error", category, `Executed 'Functions.${call.fn.name}' (Failed, Id=${invocationId}) ${text}`);
      return { ok: false, context: run.context, error };
    }
  };
}

async function pipeline(
  deps: InvokerDeps,
  call: Call,
  invocationId: string,
  run: { context?: object },
): Promise<InvocationResponse> {
  const { registry, model } = deps.app;
  const hookData = {};
  const core: CoreInvocationContext = {
    invocationId,
    request: {
      invocationId,
      functionId: call.fn.metadata.functionId ?? call.fn.name,
      inputData: inputs(deps, call),
      triggerMetadata: call.metadata ?? {},
      ...(call.retryContext === undefined ? {} : { retryContext: call.retryContext }),
    },
    metadata: call.fn.metadata,
    log: (level, category, message) => logWithHooks(deps, call, run, hookData, { level, category, message }),
  };
  const invocation = model.getInvocationModel(core);
  const { context, inputs: args } = await invocation.getArguments();
  run.context = context;
  const shared = { hookData, appHookData: registry.appHookData, invocationContext: context };

  core.state = "preInvocationHooks";
  const pre = { ...shared, functionCallback: call.fn.callback, inputs: args };
  await runHooks(registry.hooks("preInvocation"), pre);

  core.state = "invocation";
  const attempt = await settle(() => invocation.invokeFunction(context, pre.inputs, pre.functionCallback));

  core.state = "postInvocationHooks";
  const post = { ...shared, inputs: pre.inputs, ...attempt };
  await runHooks(registry.hooks("postInvocation"), post);
  if (post.error !== null && post.error !== undefined) throw post.error;

  const response = await invocation.getResponse(context, post.result);
  await deps.sendOutputs(call.fn, response);
  return response;
}

/** The trigger's data under its own name, and the data of every durable client binding. */
function inputs(deps: InvokerDeps, { fn, data }: Call): NamedData[] {
  const clients = fn.bindings.filter((binding) => binding.type === "durableClient");
  return [
    { name: fn.trigger.name, data },
    ...clients.map(({ name }) => ({ name, data: { string: deps.durableClient() } })),
  ];
}

async function settle(run: () => Promise<unknown>): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await run(), error: null };
  } catch (error) {
    return { result: null, error: error ?? new Error("The function threw nothing.") };
  }
}

export async function runHooks(hooks: readonly HookCallback[], context: object): Promise<void> {
  for (const hook of hooks) await hook(context);
}

interface LogEntry {
  level: LogLevel;
  category: string;
  message: string;
}

/** Log hooks may change level and message of what the app logs. */
function logWithHooks(
  deps: InvokerDeps,
  call: Call,
  run: { context?: object },
  hookData: object,
  entry: LogEntry,
): void {
  const edited = { ...entry, hookData, invocationContext: run.context };
  if (entry.category === "user") for (const hook of deps.app.registry.hooks("log")) hook(edited);
  const suffix = entry.category === "user" ? ".User" : "";
  deps.log(edited.level, `Function.${call.fn.name}${suffix}`, edited.message);
}

/** 32 hex digits in the grouping of a GUID. */
export function guid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
