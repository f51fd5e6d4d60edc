import type { ToSend } from "./instance.js";
import { type EntityRequest, entityInstanceId, parseEntityId } from "./messages.js";
import { guid } from "./schedule.js";
import type { Services } from "./services.js";

export interface BatchResult {
  readonly exists: boolean;
  /** JSON text. */
  readonly state: string | null;
  /** Replies to callers, then signals. */
  readonly send: readonly ToSend[];
}

interface LibraryEntityState {
  readonly entityExists: boolean;
  readonly entityState?: string | null;
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
  readonly signals: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    readonly input?: string;
  }[];
}

/**
 * Runs operations on an entity in one invocation.
 * @throws when the function fails outside of any operation
 */
export async function runBatch(
  services: Services,
  id: string,
  before: { exists: boolean; state: string | null },
  batch: readonly EntityRequest[],
): Promise<BatchResult> {
  const self = parseEntityId(id);
  if (!services.invoker.has("entity", self.name)) return unknownEntity(services, self.name, before, batch);
  const payload = {
    self,
    exists: before.exists,
    state: before.state,
    batch: batch.map(({ op, input, signal }) => ({ name: op, input: input ?? null, isSignal: signal === true })),
  };
  const trigger = { string: JSON.stringify(payload) };
  const outcome = await services.invoker.invoke("entity", self.name, trigger, { instanceId: id });
  if (!outcome.ok) throw outcome.error ?? new Error("the entity function failed without saying why");
  const after = outcome.value as LibraryEntityState;
  const replies = batch.flatMap((request, i) => reply(request, after.results[i] ?? { isError: false }));
  const signals = after.signals.map((signal): ToSend => {
    const request: EntityRequest = {
      op: signal.name,
      signal: true,
      ...(signal.input ? { input: signal.input } : {}),
      id: guid(services.options.newId()),
    };
    return { to: entityInstanceId(signal.target.name, signal.target.key), message: { kind: "operation", request } };
  });
  const state = after.entityExists ? (after.entityState ?? null) : null;
  return { exists: after.entityExists, state, send: [...replies, ...signals] };
}

function reply(request: EntityRequest, result: { isError: boolean; result?: string }): ToSend[] {
  if (request.signal === true || request.parent === undefined) return [];
  const body = {
    ...(result.result === undefined ? {} : { result: result.result }),
    ...(result.isError ? { exceptionType: "Error" } : {}),
  };
  const executionId = request.parentExecution === undefined ? {} : { executionId: request.parentExecution };
  return [
    {
      to: request.parent,
      message: { kind: "event", name: request.id, input: JSON.stringify(body), ...executionId },
    },
  ];
}

/** Calls get an error that names the missing function, signals are dropped. */
function unknownEntity(
  services: Services,
  name: string,
  before: { exists: boolean; state: string | null },
  batch: readonly EntityRequest[],
): BatchResult {
  const why = `The function '${name}' doesn't exist, is disabled, or is not an entity function.`;
  services.log("warning", `${why} ${batch.length} operations were answered with an error or dropped.`);
  const send = batch.flatMap((request) => reply(request, { isError: true, result: JSON.stringify(why) }));
  return { ...before, send };
}
