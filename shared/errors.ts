/**
 * Two families of errors (design.md §3.6). Terminal: the same call would fail again, so nobody retries. Retryable: the
 * world was unavailable or throttled; a durable timer waits and the call is repeated. Codes are stable: they appear in
 * API problem details, logs and messages.
 */
export const ErrorCode = {
  invalidInput: "invalid_input",
  unauthenticated: "unauthenticated",
  forbidden: "forbidden",
  notFound: "not_found",
  conflict: "conflict",
  /** What the caller saw (If-Match) is not what there is now. */
  stale: "stale",
  tooLarge: "too_large",
  unsupportedMediaType: "unsupported_media_type",
  methodNotAllowed: "method_not_allowed",
  ruleViolated: "rule_violated",
  notEnrolled: "not_enrolled",
  tenantInactive: "tenant_inactive",
  gone: "gone",
  unsupported: "unsupported",
  throttled: "throttled",
  unavailable: "unavailable",
  notYetConsistent: "not_yet_consistent",
  internal: "internal",
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["throttled", "unavailable", "not_yet_consistent"]);

export interface AppErrorOptions {
  /** Seconds after which a retry makes sense; only for retryable codes. */
  readonly retryAfterSeconds?: number;
  /** Which input field or rule is at fault, e.g. `rings[2].deferralDays`. */
  readonly field?: string;
  /** Anything that helps to understand: limits, ids. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The shape in which an error crosses the durable boundary and the API. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  readonly field?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error with a stable code. The message says what happened, why, and what to do next. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly retryAfterSeconds?: number;
  readonly field?: string;
  readonly details?: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
    if (options.field !== undefined) this.field = options.field;
    if (options.details !== undefined) this.details = options.details;
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }

  toRecord(): ErrorRecord {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: this.retryAfterSeconds }),
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  static fromRecord(record: ErrorRecord): AppError {
    return new AppError(record.code, record.message, record);
  }
}
