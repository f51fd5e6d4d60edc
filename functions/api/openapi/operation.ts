import { type Operation, querySchema } from "../route.js";
import type { Json } from "./json.js";
import { refusalName } from "./refusals.js";
import type { Schemas } from "./schemas.js";
import { securityOf } from "./security.js";
import { tagOf } from "./tags.js";

/** One operation of the document. */
export function operationOf(operation: Operation, schemas: Schemas): Json {
  const { name, act, method, body, described = body, answer, role } = operation;
  const { status = 200, or, about, etag } = answer;
  const success = { description: about, ...headersOf(operation), ...contentOf(operation, schemas) };
  return {
    operationId: name,
    tags: [tagOf(operation)],
    summary: `${act[0]?.toUpperCase()}${act.slice(1)}`,
    description: `Needs the role ${role}.`,
    security: securityOf(method),
    parameters: [...pathParameters(operation), ...queryParameters(operation, schemas), ...headerParameters(operation)],
    ...(described === undefined ? {} : { requestBody: jsonBody(schemas.of(described, "input")) }),
    responses: {
      [status]: success,
      ...(or === undefined ? {} : { [or]: success }),
      ...(etag === true ? { 304: { description: "The caller has it already (If-None-Match)." } } : {}),
      ...refusals(operation),
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
  const json = schema === undefined ? {} : { "application/json": { schema: schemas.of(schema, "output") } };
  const other =
    type === undefined ? {} : { [type]: { schema: { type: type === "application/json" ? "object" : "string" } } };
  const content = { ...json, ...other };
  return Object.keys(content).length === 0 ? {} : { content };
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

/** Refusals of an operation, which are the same for all. */
function refusals({ method, path, body, ifMatch, answer }: Operation): Json {
  const changing = method !== "GET";
  const possible = [
    ...[400, 401, 403, 429, 500, 503],
    ...(path.includes("{") || changing || answer.etag === true ? [404] : []),
    ...(changing ? [409, 413, 422, 501] : []),
    ...(answer.type === "text/html" ? [409] : []),
    ...(body === undefined ? [] : [415]),
    ...(ifMatch === true ? [412] : []),
  ];
  return Object.fromEntries(
    possible.map((status) => [status, { $ref: `#/components/responses/${refusalName(status)}` }]),
  );
}
