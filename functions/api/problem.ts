import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { AppError, ErrorCode, type ErrorRecord } from "../../shared/errors.js";

/** HTTP status of each code. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media_type: 415,
  method_not_allowed: 405,
  gone: 410,
  rule_violated: 422,
  not_enrolled: 409,
  tenant_inactive: 409,
  unsupported: 501,
  throttled: 429,
  unavailable: 503,
  not_yet_consistent: 503,
  internal: 500,
};

/** Problem details as openapi.json describes them; further members say more about a rule, such as `rule` and `limit`. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** Path of the call. */
    instance: z.string(),
    code: z.enum(ErrorCode),
    /** Field, parameter or rule that is at fault. */
    field: z.string().optional(),
  })
  .meta({ id: "Problem", description: "What went wrong, why, and what to do next (RFC 9457)." });

/** An error as problem details (RFC 9457). What is not an AppError is a defect: its text stays in the log. */
export function problem(
  error: unknown,
  instance: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  const record: ErrorRecord =
    error instanceof AppError
      ? error.toRecord()
      : {
          code: "internal",
          message: "The request failed inside Ringmaster. The log of this invocation has the cause.",
        };
  const status = STATUS[record.code];
  return {
    status,
    headers: {
      ...headers,
      "content-type": "application/problem+json",
      ...(record.code === "unauthenticated" ? { "www-authenticate": 'Bearer error="invalid_token"' } : {}),
      ...(record.code === "method_not_allowed"
        ? { allow: z.array(z.string()).parse(record.details?.allow).join(", ") }
        : {}),
      ...(record.retryAfterSeconds === undefined ? {} : { "retry-after": String(record.retryAfterSeconds) }),
    },
    body: JSON.stringify({
      ...(record.details === undefined ? {} : record.details),
      type: `urn:ringmaster:problem:${record.code}`,
      title: record.code.replaceAll("_", " "),
      status,
      detail: record.message,
      instance,
      code: record.code,
      ...(record.field === undefined ? {} : { field: record.field }),
    }),
  };
}
