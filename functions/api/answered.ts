import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { type Caller, callerOf } from "../../shared/access/caller.js";
import { refuseWithoutCsrf } from "../../shared/access/csrf.js";
import { AppError } from "../../shared/errors.js";
import { problem } from "./problem.js";
import { countCall, NOBODY, rateHeaders } from "./rate-limit.js";
import { noteRefusal, onlyReads } from "./refusals.js";

/** What every call goes through, whatever it asks for: who calls, how often, and refusals as problem details. */
export async function answered(
  operation: { readonly name: string; readonly method: string },
  request: HttpRequest,
  context: InvocationContext,
  serveCaller: (caller: Caller) => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const path = new URL(request.url).pathname;
  let caller: Caller | undefined;
  try {
    caller = await callerOf(request.headers);
    countCall(caller.actor.id);
    if (!onlyReads(operation.method)) refuseWithoutCsrf(caller, request.headers);
    const reply = await serveCaller(caller);
    return { ...reply, headers: { ...rateHeaders(caller.actor.id), ...reply.headers } };
  } catch (thrown) {
    const error = caller === undefined ? throttledOr(thrown) : thrown;
    if (!(error instanceof AppError)) context.error(error);
    await noteRefusal(operation, { actor: caller?.actor, path, error }, (cause) => context.error(cause));
    return problem(error, path, rateHeaders(caller?.actor.id ?? NOBODY));
  }
}

/** Who cannot be told is counted too. */
function throttledOr(error: unknown): unknown {
  try {
    countCall(NOBODY);
    return error;
  } catch (throttled) {
    return throttled;
  }
}
