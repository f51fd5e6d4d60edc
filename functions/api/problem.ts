import type { HttpResponseInit } from "@azure/functions";
import { AppError, type ErrorCode, type ErrorRecord } from "../../shared/errors.js";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  rule_violated: 422,
  not_enrolled: 409,
  tenant_inactive: 409,
  unsupported: 501,
  throttled: 429,
  unavailable: 503,
  not_yet_consistent: 503,
  internal: 500,
};

/** An error as problem details (RFC 9457). What is not an AppError is a defect: its text stays in the log. */
export function problem(error: unknown, instance: string): HttpResponseInit {
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
      "content-type": "application/problem+json",
      ...(record.code === "unauthenticated" ? { "www-authenticate": 'Bearer error="invalid_token"' } : {}),
      ...(record.retryAfterSeconds === undefined ? {} : { "retry-after": String(record.retryAfterSeconds) }),
    },
    body: JSON.stringify({
      type: `urn:ringmaster:problem:${record.code}`,
      title: record.code.replaceAll("_", " "),
      status,
      detail: record.message,
      instance,
      code: record.code,
      ...(record.field === undefined ? {} : { field: record.field }),
      ...(record.details === undefined ? {} : record.details),
    }),
  };
}
