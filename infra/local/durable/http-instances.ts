import { AppError } from "../../../shared/errors.js";
import { type DurableResponse, instanceUrl, jsonBody, message, type Route, type RouteContext } from "./http-api.js";
import { created } from "./http-start.js";
import { historyView, jsonValue, seconds } from "./http-views.js";
import type { InstanceStatus } from "./status.js";
import { isTerminal, RuntimeStatus } from "./types.js";

const ACCEPTED: DurableResponse = { status: 202, headers: {} };

export const instanceRoutes: readonly Route[] = [
  { method: "GET", pattern: /^instances\/?$/i, answer: list },
  { method: "DELETE", pattern: /^instances\/?$/i, answer: purgeByFilter },
  { method: "GET", pattern: /^instances\/([^/]+)\/?$/i, answer: status },
  { method: "DELETE", pattern: /^instances\/([^/]+)\/?$/i, answer: purge },
  { method: "POST", pattern: /^instances\/([^/]+)\/raiseEvent\/([^/]+)$/i, answer: raiseEvent },
  { method: "POST", pattern: /^instances\/([^/]+)\/rewind$/i, answer: rewind },
  { method: "POST", pattern: /^instances\/([^/]+)\/restart$/i, answer: restart },
  { method: "POST", pattern: /^instances\/([^/]+)\/(terminate|suspend|resume)$/i, answer: control },
];

/** The status of one instance, as far as the query asks for it. */
export function statusResponse(context: RouteContext, found: InstanceStatus): DurableResponse {
  const { query } = context.request;
  const body = statusBody(found, query);
  if (!isTerminal(found.runtimeStatus)) {
    const Location = `${instanceUrl(context, found.instanceId)}?${query}`;
    return { status: 202, headers: { Location, "Retry-After": "5" }, body };
  }
  const asError = found.runtimeStatus === "Failed" && flag(query, "returnInternalServerErrorOnFailure");
  return { status: asError ? 500 : 200, headers: {}, body };
}

async function status(context: RouteContext): Promise<DurableResponse> {
  const [id = ""] = context.parts;
  return statusResponse(context, await context.engine.api.status(id));
}

async function list({ engine, request }: RouteContext): Promise<DurableResponse> {
  const { query } = request;
  const top = Number(query.get("top") ?? Number.NaN);
  const prefix = query.get("instanceIdPrefix");
  const token = request.headers["x-ms-continuation-token"];
  const page = await engine.api.list({
    ...period(query),
    ...statuses(query),
    ...(prefix === null ? {} : { idPrefix: prefix }),
    ...(Number.isInteger(top) && top > 0 ? { top } : {}),
    ...(token === undefined || token === "" ? {} : { continuationToken: token }),
  });
  const headers = page.continuationToken === undefined ? {} : { "x-ms-continuation-token": page.continuationToken };
  return { status: 200, headers, body: page.instances.map((instance) => statusBody(instance, query)) };
}

async function purge({ engine, parts: [id = ""] }: RouteContext): Promise<DurableResponse> {
  const instancesDeleted = await engine.api.purge(id);
  if (instancesDeleted === 0) return message(404, `No instance with ID '${id}' found.`);
  return { status: 200, headers: {}, body: { instancesDeleted } };
}

async function purgeByFilter({ engine, request }: RouteContext): Promise<DurableResponse> {
  const { createdFrom, createdTo } = period(request.query);
  if (createdFrom === undefined) return message(400, "Please provide value for 'createdTimeFrom' parameter.");
  const to = createdTo === undefined ? {} : { createdTo };
  const instancesDeleted = await engine.api.purgeBy({ createdFrom, ...to, ...statuses(request.query) });
  if (instancesDeleted === 0) return message(404, "No instances match the filter.");
  return { status: 200, headers: {}, body: { instancesDeleted } };
}

async function raiseEvent({ engine, request, parts: [id = "", name = ""] }: RouteContext): Promise<DurableResponse> {
  if (!request.headers["content-type"]?.toLowerCase().startsWith("application/json")) {
    return message(400, "Only application/json request content is supported.");
  }
  await engine.api.raiseEvent(id, name, jsonBody(request));
  return ACCEPTED;
}

async function control({ engine, request, parts: [id = "", verb = ""] }: RouteContext): Promise<DurableResponse> {
  const reason = request.query.get("reason") ?? "";
  const action = verb.toLowerCase() as "terminate" | "suspend" | "resume";
  await engine.api[action](id, reason);
  return ACCEPTED;
}

async function rewind({ engine, request, parts: [id = ""] }: RouteContext): Promise<DurableResponse> {
  try {
    await engine.api.rewind(id, request.query.get("reason") ?? "");
    return ACCEPTED;
  } catch (error) {
    if (error instanceof AppError && error.code === "rule_violated") {
      return { status: 412, headers: {}, body: error.message };
    }
    throw error;
  }
}

async function restart(context: RouteContext): Promise<DurableResponse> {
  const [id = ""] = context.parts;
  const fresh = context.request.query.get("restartWithNewInstanceId")?.toLowerCase() !== "false";
  return created(context, await context.engine.api.restart(id, fresh));
}

function statusBody(found: InstanceStatus, query: URLSearchParams) {
  const showInput = query.get("showInput")?.toLowerCase() !== "false";
  return {
    name: found.name,
    instanceId: found.instanceId,
    runtimeStatus: found.runtimeStatus,
    input: showInput ? jsonValue(found.input) : null,
    customStatus: jsonValue(found.customStatus),
    output: jsonValue(found.output),
    createdTime: seconds(found.createdTime),
    lastUpdatedTime: seconds(found.lastUpdatedTime),
    historyEvents: flag(query, "showHistory")
      ? historyView(found.history, { output: flag(query, "showHistoryOutput"), input: flag(query, "showInput") })
      : null,
  };
}

const flag = (query: URLSearchParams, name: string): boolean => query.get(name)?.toLowerCase() === "true";

function period(query: URLSearchParams): { createdFrom?: string; createdTo?: string } {
  const from = instant(query.get("createdTimeFrom"));
  const to = instant(query.get("createdTimeTo"));
  return { ...(from === undefined ? {} : { createdFrom: from }), ...(to === undefined ? {} : { createdTo: to }) };
}

/** @throws invalid_input */
export function instant(text: string | null): string | undefined {
  if (text === null || text === "") return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new AppError("invalid_input", `'${text}' is not a date. Use ISO 8601.`);
  return new Date(ms).toISOString();
}

function statuses(query: URLSearchParams): { statuses?: RuntimeStatus[] } {
  const wanted = (query.get("runtimeStatus") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const known = Object.values(RuntimeStatus).filter((name) => wanted.includes(name.toLowerCase()));
  return wanted.length === 0 ? {} : { statuses: known };
}
