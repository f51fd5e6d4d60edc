import { AppError } from "../../../shared/errors.js";
import { managementUrls } from "./client-binding.js";
import {
  type DurableResponse,
  instanceUrl,
  jsonAnswer,
  jsonBody,
  message,
  type Route,
  type RouteContext,
} from "./http-api.js";
import { statusResponse } from "./http-instances.js";
import { isTerminal } from "./types.js";

export const startRoutes: readonly Route[] = [
  { method: "POST", pattern: /^orchestrators\/([^/]+)(?:\/([^/]+))?\/?$/i, answer: start },
];

async function start(context: RouteContext): Promise<DurableResponse> {
  const { engine, request, parts } = context;
  const [name = "", instanceId = ""] = parts;
  const version = request.query.get("version");
  const timeout = Number(request.query.get("timeout") ?? Number.NaN);
  const options = {
    // startNew without input sends two quotes: the empty string is the input, not "none".
    input: jsonBody(request),
    ...(instanceId === "" ? {} : { instanceId }),
    ...(version === null ? {} : { version }),
  };
  try {
    const id = await engine.api.startNew(name, options);
    return Number.isFinite(timeout) ? await waitFor(context, id, timeout) : created(context, id);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return message(400, error.message);
    throw error;
  }
}

/** 202 with the links of the instance. */
export function created(context: RouteContext, id: string): DurableResponse {
  const query = `taskHub=${context.options.hubName}&connection=Storage&code=${context.options.systemKey}`;
  const urls = managementUrls(instanceUrl(context, id), query);
  return { status: 202, headers: { Location: urls.statusQueryGetUri, "Retry-After": "10" }, body: { id, ...urls } };
}

async function waitFor(context: RouteContext, id: string, seconds: number): Promise<DurableResponse> {
  const { engine } = context;
  const ended = engine.whenEnded(id, engine.clock.now() + seconds * 1000);
  const before = await engine.api.status(id);
  if (!isTerminal(before.runtimeStatus)) await ended;
  const after = await engine.api.status(id);
  if (!isTerminal(after.runtimeStatus)) return created(context, id);
  if (after.runtimeStatus !== "Completed") return { ...statusResponse(context, after), status: 500 };
  return jsonAnswer(200, after.output ?? "null");
}
