/** AMQP error conditions by the name under which the Service Bus SDK reports them to its callers. */
export const Condition = {
  messagingEntityNotFound: "amqp:not-found",
  messageNotFound: "com.microsoft:message-not-found",
  messageLockLost: "com.microsoft:message-lock-lost",
  sessionLockLost: "com.microsoft:session-lock-lost",
  sessionCannotBeLocked: "com.microsoft:session-cannot-be-locked",
  messageSizeExceeded: "amqp:link:message-size-exceeded",
  quotaExceeded: "amqp:resource-limit-exceeded",
  invalidOperation: "amqp:not-allowed",
  notImplemented: "amqp:not-implemented",
  argumentError: "com.microsoft:argument-error",
  entityAlreadyExists: "com.microsoft:entity-already-exists",
  timeout: "com.microsoft:timeout",
  decodeError: "amqp:decode-error",
  internalError: "amqp:internal-error",
} as const;
export type Condition = (typeof Condition)[keyof typeof Condition];

const STATUS: Partial<Record<Condition, number>> = {
  [Condition.messagingEntityNotFound]: 404,
  [Condition.messageNotFound]: 404,
  [Condition.messageLockLost]: 410,
  [Condition.sessionLockLost]: 410,
  [Condition.sessionCannotBeLocked]: 410,
  [Condition.messageSizeExceeded]: 403,
  [Condition.quotaExceeded]: 403,
  [Condition.invalidOperation]: 400,
  [Condition.notImplemented]: 501,
  [Condition.argumentError]: 400,
  [Condition.entityAlreadyExists]: 409,
  [Condition.decodeError]: 400,
};

/** A refusal that reaches the client as an AMQP error (link, disposition) or as a management status. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";

  constructor(
    readonly condition: Condition,
    message: string,
  ) {
    super(message);
  }

  /** HTTP-like status of a management answer; 500 for what has none of its own. */
  get status(): number {
    return STATUS[this.condition] ?? 500;
  }

  static from(error: unknown): BrokerError {
    if (error instanceof BrokerError) return error;
    return new BrokerError(Condition.internalError, error instanceof Error ? error.message : String(error));
  }
}
