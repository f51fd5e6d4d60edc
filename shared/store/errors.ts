import { AppError, type ErrorCode } from "../errors.js";

interface StorageFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** Transport failures have no status; every one of them may have happened after the service did its work. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_input",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  408: "unavailable",
  409: "conflict",
  412: "conflict",
  413: "invalid_input",
  429: "throttled",
  500: "unavailable",
  502: "unavailable",
  503: "throttled",
  504: "unavailable",
};

const NEXT_STEP: Partial<Record<ErrorCode, string>> = {
  conflict: "Read the row again and repeat the change on its newest version.",
  not_found: "Check that it was written before.",
  throttled: "Wait and try again.",
  unavailable: "Try again; the change may already have been made.",
  unauthenticated: "Check the app's storage connection.",
  forbidden: "Grant the app the role Storage Table Data Contributor.",
  invalid_input: "Correct the keys or make the values smaller.",
};

/** Turns what the storage SDK throws into an AppError; throttled and unavailable are retryable. */
export function storageError(cause: unknown, what: string): AppError {
  if (cause instanceof AppError) return cause;
  const failure = (typeof cause === "object" && cause !== null ? cause : {}) as StorageFailure;
  const code =
    failure.statusCode === undefined ? transportCode(failure) : (BY_STATUS[failure.statusCode] ?? "internal");
  const reason = failure.code ?? failure.message?.split("\n")[0] ?? String(cause);
  const retryAfter = Number(failure.response?.headers?.get("retry-after"));
  return new AppError(code, `${what} failed: ${reason}. ${NEXT_STEP[code] ?? "See the cause."}`, {
    cause,
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}

function transportCode(failure: StorageFailure): ErrorCode {
  return failure.code !== undefined && /^(E[A-Z]{3,}|REQUEST_SEND_ERROR|PARSE_ERROR)/.test(failure.code)
    ? "unavailable"
    : "internal";
}
