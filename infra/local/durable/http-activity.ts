import type { HttpCall } from "./executor.js";
import { EventType, type HistoryEvent } from "./history.js";

/** Carries out callHttp (functions-host.md §2.6). Redirects are answers; polling is the library's business. */
export async function runHttpCall(scheduled: HistoryEvent): Promise<HistoryEvent> {
  const [call] = JSON.parse(scheduled.Input ?? "[]") as [HttpCall & { tokenSource?: unknown }];
  const task = { EventId: -1, TaskScheduledId: scheduled.EventId };
  try {
    if (call.tokenSource !== undefined) throw new Error("Managed identity tokens do not exist on this machine.");
    const result = JSON.stringify(await send(call));
    return { EventType: EventType.taskCompleted, ...task, Result: result };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    const why = `HTTP ${call.method} ${call.uri} failed: ${error instanceof Error ? error.message : error}${cause}`;
    return { EventType: EventType.taskFailed, ...task, Reason: why, Details: "" };
  }
}

async function send(call: HttpCall) {
  const method = call.method.toUpperCase();
  const bodyless = method === "GET" || method === "HEAD";
  const response = await fetch(call.uri, {
    method,
    redirect: "manual",
    ...(call.headers === undefined ? {} : { headers: call.headers }),
    ...(bodyless || call.content === undefined ? {} : { body: call.content }),
  });
  const headers = Object.fromEntries(response.headers);
  return { statusCode: response.status, content: await response.text(), headers };
}
