/** The part of @azure/functions-core that the programming model and this host exchange (functions-host.md §1). */

export const LOG_LEVELS = ["trace", "debug", "information", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const HOOK_NAMES = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;
export type HookName = (typeof HOOK_NAMES)[number];

/** One binding of a function: type, name, direction, and the options as the app's author wrote them. */
export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly direction: string;
  readonly [option: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

/** Durations arrive rounded to whole seconds. `maxRetryCount` -1 means forever. */
export interface RetryOptions {
  readonly retryStrategy: string;
  readonly maxRetryCount: number;
  readonly delayInterval?: { readonly seconds?: number };
  readonly minimumInterval?: { readonly seconds?: number };
  readonly maximumInterval?: { readonly seconds?: number };
}

/** RpcTypedData: exactly one member is present, or none for "no value" (functions-host.md §1.6). */
export interface TypedData {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly stream?: Uint8Array | null;
  readonly int?: number | bigint | string | null;
  readonly double?: number | null;
  readonly http?: RpcHttp | null;
  readonly collectionString?: { readonly string: readonly string[] } | null;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] } | null;
}

/** The request going in, or the response coming out. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: TypedData;
  readonly statusCode?: string;
  readonly cookies?: readonly RpcCookie[];
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds?: number; readonly nanos?: number } };
  readonly maxAge?: { readonly value: number };
  readonly httpOnly?: { readonly value: boolean };
  readonly secure?: { readonly value: boolean };
  readonly sameSite?: string | number;
}

export interface NamedData {
  readonly name: string;
  readonly data: TypedData;
}

export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception: { readonly message: string; readonly source: string; readonly stackTrace: string };
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly NamedData[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
}

export interface InvocationResponse {
  readonly invocationId: string;
  readonly outputData?: readonly NamedData[];
  readonly returnValue?: TypedData | null;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: "preInvocationHooks" | "postInvocationHooks" | "invocation";
  log(level: LogLevel, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities?(defaults: Record<string, string>): Promise<Record<string, string>> | Record<string, string>;
}

export type FunctionCallback = (...args: unknown[]) => unknown;
export type HookCallback = (context: object) => unknown;
