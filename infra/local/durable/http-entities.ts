import { type DurableResponse, jsonAnswer, jsonBody, message, type Route, type RouteContext } from "./http-api.js";
import { instant } from "./http-instances.js";
import { jsonValue } from "./http-views.js";

const PAGE_SIZE = 100;

export const entityRoutes: readonly Route[] = [
  { method: "GET", pattern: /^entities\/?$/i, answer: list },
  { method: "GET", pattern: /^entities\/([^/]+)\/?$/i, answer: list },
  { method: "GET", pattern: /^entities\/([^/]+)\/(.+)$/i, answer: read },
  { method: "POST", pattern: /^entities\/([^/]+)\/(.+)$/i, answer: signal },
  { method: "DELETE", pattern: /^entities\/([^/]+)\/(.+)$/i, answer: remove },
];

async function read({ engine, parts: [name = "", key = ""] }: RouteContext): Promise<DurableResponse> {
  const state = await engine.api.readEntity(name, key);
  if (state === undefined) return message(404, `The entity @${name}@${key} does not exist.`);
  return jsonAnswer(200, state ?? "null");
}

async function signal({ engine, request, parts: [name = "", key = ""] }: RouteContext): Promise<DurableResponse> {
  if (!engine.invoker.has("entity", name)) return message(404, `There is no entity function '${name}'.`);
  const operation = request.query.get("op") ?? "";
  await engine.api.signalEntity(name, key, operation, jsonBody(request) ?? undefined);
  return { status: 202, headers: {} };
}

async function remove({ engine, parts: [name = "", key = ""] }: RouteContext): Promise<DurableResponse> {
  await engine.api.signalEntity(name, key, "delete");
  return { status: 202, headers: {} };
}

async function list({ engine, request, parts: [name] }: RouteContext): Promise<DurableResponse> {
  const { query } = request;
  const from = instant(query.get("lastOperationTimeFrom"));
  const to = instant(query.get("lastOperationTimeTo"));
  const rows = await engine.api.listEntities({
    ...(name === undefined ? {} : { name }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    fetchState: query.get("fetchState")?.toLowerCase() === "true",
  });
  const skip = Number(request.headers["x-ms-continuation-token"] || 0);
  const top = Number(query.get("top") ?? PAGE_SIZE) || PAGE_SIZE;
  const page = rows.slice(skip, skip + top);
  const more: Record<string, string> =
    rows.length > skip + top ? { "x-ms-continuation-token": String(skip + top) } : {};
  const body = page.map(({ state, ...row }) => ({
    ...row,
    ...(state === undefined ? {} : { state: jsonValue(state) }),
  }));
  return { status: 200, headers: more, body };
}
