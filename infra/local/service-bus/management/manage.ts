import type { Message, Typed } from "rhea";
import { BrokerError, Condition } from "../broker-error.js";
import type { Reply } from "../links/replies.js";
import type { Namespace } from "../namespace.js";
import type { Runtime } from "../runtime.js";
import { messageOperations } from "./message-operations.js";
import { ruleOperations } from "./rule-operations.js";
import { sessionOperations } from "./session-operations.js";

export interface ManagementContext {
  readonly runtime: Runtime;
  readonly namespace: Namespace;
  /** Holder of the locks that requests take: the connection. */
  readonly holder: object;
}

/** One management request, addressed to an entity. */
export interface ManagementRequest extends ManagementContext {
  readonly address: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answer = Readonly<Record<string, unknown>> | Typed;
/** Answers a request; undefined = no content (204). */
export type Operation = (request: ManagementRequest) => Answer | undefined;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...messageOperations,
  ...sessionOperations,
  ...ruleOperations,
};

/** Runs one request of an entity's $management node (functions-host.md §7.6). */
export function manage(context: ManagementContext, address: string, request: Message): Reply {
  try {
    const name = String(request.application_properties?.operation).replace("com.microsoft:", "");
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new BrokerError(Condition.notImplemented, `There is no operation '${name}'.`);
    const body = context.runtime.act(() => operation({ ...context, address, body: request.body ?? {} }));
    return body === undefined ? status(204, "No Content") : { ...status(200, "OK"), body };
  } catch (error) {
    const failure = BrokerError.from(error);
    return status(failure.status, failure.message, failure.condition);
  }
}

function status(statusCode: number, statusDescription: string, errorCondition?: string): Reply {
  return {
    applicationProperties: {
      statusCode,
      statusDescription,
      ...(errorCondition === undefined ? {} : { errorCondition }),
    },
  };
}
