import { STATUS } from "../problem.js";
import { type Operation, querySchema } from "../route.js";
import type { Json } from "./json.js";
import type { Schemas } from "./schemas.js";
import { securityOf } from "./security.js";
import { tagOf } from "./tags.js";

/** One operation of the document. */
export function operationOf(operation: Operation, schemas: Schemas, problem: Json): Json {
  const { name, act, method, body, answer, role } = operation;
  const { status = 200, or, about, etag } = answer;
  const success = { description: about, ...headersOf(operation), ...contentOf(operation, schemas) };
  return {
    operationId: name,
    tags: [tagOf(operation)],
    summary: `${act[0]?.toUpperCase()}${act.slice(1)}`,
    description: `Needs the role ${role}.`,
    security: securityOf(method),
    parameters: [...pathParameters(operation), ...queryParameters(operation, schemas), ...headerParameters(operation)],
    ...(body === undefined ? {} : { requestBody: jsonBody(schemas.of(body, "input")) }),
    responses: {
      [status]: success,
      ...(or === undefined ? {} : { [or]: success }),
      ...(etag === true ? { 304: { description: "The caller has it already (If-None-Match)." } } : {}),
      ...refusals(operation, problem),
    },
  };
}

function jsonBody(schema: Json): Json {
  return { required: !allOptional(schema), content: { "application/json": { schema } } };
}

function allOptional({ required }: Json): boolean {
  return required === undefined || (Array.isArray(required) && required.length === 0);
}

function contentOf({ answer: { schema, type } }: Operation, schemas: Schemas): Json {
  if (schema !== undefined) return { content: { "application/json": { schema: schemas.of(schema, "output") } } };
  if (type === undefined) return {};
  return { content: { [type]: { schema: { type: type === "application/json" ? "object" : "string" } } } };
}

const TEXT = { schema: { type: "string" } };

function headersOf({ answer, method }: Operation): Json {
  const headers = {
    ...(answer.etag === true ? { ETag: { description: "Version of the resource.", ...TEXT } } : {}),
    ...(method === "POST"
      ? { "Idempotency-Replayed": { description: "true: the first answer to this Idempotency-Key again.", ...TEXT } }
      : {}),
  };
  return Object.keys(headers).length === 0 ? {} : { headers };
}

function pathParameters({ path }: Operation): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return names.map((name) => ({ name, in: "path", required: true, schema: { type: "string", minLength: 1 } }));
}

function queryParameters(operation: Operation, schemas: Schemas): Json[] {
  const { properties = {}, required = [] } = schemas.of(querySchema(operation), "input");
  const needed = required as readonly string[];
  return Object.entries(properties as Record<string, Json>)
    .filter(([name]) => name !== "code")
    .map(([name, { description, ...schema }]) => ({
      ...{ name, in: "query", schema },
      ...(description === undefined ? {} : { description }),
      ...(needed.includes(name) ? { required: true } : {}),
    }));
}

function headerParameters({ method, ifMatch, answer }: Operation): Json[] {
  const header = (name: string, description: string) => ({ name, in: "header", description, ...TEXT });
  return [
    ...(answer.etag === true ? [header("If-None-Match", "ETag of the version that the caller has.")] : []),
    ...(ifMatch === true ? [header("If-Match", "ETag of the version that the caller saw; another one now: 412.")] : []),
    ...(method === "POST" ? [header("Idempotency-Key", "Up to 255 characters; the same for repetitions.")] : []),
  ];
}

/** Why a call may be refused, by status. */
const WHY: Readonly<Record<number, string>> = {
  400: "Something in it is wrong; `field` names what.",
  401: "The caller proves nobody.",
  403: "The caller's role does not allow it, or the CSRF token is missing.",
  404: "There is no such thing, or not within the caller's scope tags.",
  409: "It does not fit how things stand.",
  410: "It is no longer there.",
  412: "It is not as the caller saw it (If-Match).",
  413: "The body is too large.",
  415: "The body is no JSON.",
  422: "A rule does not allow it; `rule` and `limit` say which.",
  429: "The caller calls too often; Retry-After says when to go on.",
  500: "A defect of the app; its log has the cause.",
  501: "Not supported.",
  503: "Something that the app needs is not available now; try again.",
};

function refusals({ method, path, body, ifMatch }: Operation, content: Json): Json {
  const changing = method !== "GET";
  const possible = [
    ...[400, 401, 403, 429, 500, 503],
    ...(path.includes("{") || changing ? [404] : []),
    ...(changing ? [409, 413, 422, 501] : []),
    ...(changing ? [] : path.includes("report") ? [409] : []),
    ...(body === undefined ? [] : [415]),
    ...(ifMatch === true ? [412] : []),
  ];
  const known = new Set(Object.values(STATUS));
  return Object.fromEntries(
    possible
      .filter((status) => known.has(status))
      .map((status) => [
        status,
        { description: WHY[status] ?? "Refused.", content: { "application/problem+json": { schema: content } } },
      ]),
  );
}
