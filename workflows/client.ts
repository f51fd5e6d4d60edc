import type * as df from "durable-functions";
import { AppError } from "../shared/errors.js";
import { WAKE } from "./names.js";

/** Statuses in which an instance still listens. */
const LIVE: ReadonlySet<string> = new Set(["Running", "Pending", "ContinuedAsNew", "Suspended"]);

/** Starts an instance unless it is running already; one that has ended is replaced. */
export async function startOnce(
  client: df.DurableClient,
  name: string,
  instanceId: string,
  input: unknown,
): Promise<void> {
  const status = await statusOf(client, instanceId);
  if (status !== undefined && LIVE.has(status)) return;
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    const now = await statusOf(client, instanceId);
    if (now === undefined || !LIVE.has(now)) throw unavailable(`Starting ${name} ${instanceId}`, error);
  }
}

/** Makes an instance look again; one that does not run needs no waking. */
export async function wake(client: df.DurableClient, instanceId: string): Promise<void> {
  try {
    await client.raiseEvent(instanceId, WAKE, {});
  } catch (error) {
    // The client tells a missing instance by text alone; one that has ended it passes over in silence.
    if (error instanceof Error && error.message.includes("No instance with ID")) return;
    throw unavailable(`Waking ${instanceId}`, error);
  }
}

/**
 * Has an instance look again, and starts it when it does not run: what carries a release may have ended or failed, and
 * news for it must not wait for the next check.
 */
export async function rouse(client: df.DurableClient, name: string, instanceId: string, input: unknown): Promise<void> {
  await startOnce(client, name, instanceId, input);
  await wake(client, instanceId);
}

async function statusOf(client: df.DurableClient, instanceId: string): Promise<string | undefined> {
  return (await findInstance(client, instanceId))?.runtimeStatus;
}

/** What an instance says of itself, without its input; undefined when there is none. */
export async function findInstance(
  client: df.DurableClient,
  instanceId: string,
): Promise<df.DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(instanceId, { showInput: false });
  } catch (error) {
    if (error instanceof Error && error.message.includes("404")) return undefined;
    throw unavailable(`Reading the status of ${instanceId}`, error);
  }
}

function unavailable(what: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError("unavailable", `${what} failed: ${reason}. It is tried again.`, { cause });
}
