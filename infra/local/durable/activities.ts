import { EventType, type HistoryEvent } from "./history.js";
import type { FunctionInvoker } from "./types.js";

/** Runs an activity and says how it ended (functions-host.md §2.9). Never throws for what the app does. */
export async function runActivity(
  invoker: FunctionInvoker,
  instanceId: string,
  scheduled: HistoryEvent,
): Promise<HistoryEvent> {
  const { EventId: id, Name: name = "" } = scheduled;
  if (!invoker.has("activity", name)) {
    const why = `The function '${name}' doesn't exist, is disabled, or is not an activity function.`;
    return taskFailed(id, name, why, "");
  }
  const [input] = JSON.parse(scheduled.Input ?? "[null]") as [unknown];
  const outcome = await invoker.invoke("activity", name, triggerData(input), { instanceId });
  if (outcome.ok) {
    return { EventType: EventType.taskCompleted, EventId: -1, TaskScheduledId: id, Result: resultText(outcome.value) };
  }
  const error = outcome.error ?? new Error("");
  return taskFailed(id, name, error.message, error.stack ?? "");
}

function triggerData(input: unknown): { string?: string } {
  if (input === null || input === undefined) return {};
  return { string: typeof input === "string" ? input : JSON.stringify(input) };
}

function resultText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString("base64"));
  return JSON.stringify(value);
}

/** What an exception properties provider of the app makes of an error. */
interface ProvidedDetails {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly isNonRetriable: boolean;
  readonly properties?: Record<string, unknown>;
  readonly stackTrace?: string;
}

function taskFailed(id: number, name: string, message: string, stack: string): HistoryEvent {
  const provided = providedDetails(message);
  const reason = `Activity function '${name}' failed: ${provided?.errorMessage ?? message}`;
  const base = { EventType: EventType.taskFailed, EventId: -1, TaskScheduledId: id, Reason: reason };
  if (provided === undefined) return { ...base, Details: stack };
  const details = {
    ErrorType: provided.errorType,
    ErrorMessage: provided.errorMessage,
    StackTrace: provided.stackTrace ?? null,
    IsNonRetriable: provided.isNonRetriable,
    Properties: provided.properties ?? null,
    InnerFailure: null,
  };
  return { ...base, Details: provided.stackTrace ?? "", FailureDetails: details };
}

function providedDetails(message: string): ProvidedDetails | undefined {
  if (!message.startsWith("{")) return undefined;
  try {
    const parsed = JSON.parse(message) as Partial<ProvidedDetails>;
    const complete = typeof parsed.errorType === "string" && typeof parsed.isNonRetriable === "boolean";
    return complete ? (parsed as ProvidedDetails) : undefined;
  } catch {
    return undefined;
  }
}
