import type { GraphResponse } from "../graph/types.js";
import { ServiceError } from "../service-error.js";

/** A request refused the way the Connector refuses it (graph.md §4.5). */
export class ConnectorFault extends ServiceError {
  get response(): GraphResponse {
    const { status, code, message, headers } = this;
    return { status, headers, body: { error: { code, message } } };
  }
}

export const badSyntax = (message: string): ConnectorFault => new ConnectorFault(400, "BadSyntax", message);

export const conversationNotFound = (): ConnectorFault =>
  new ConnectorFault(404, "ConversationNotFound", "Conversation not found.");

export const activityNotFound = (): ConnectorFault =>
  new ConnectorFault(404, "ActivityNotFoundInConversation", "Conversation not found.");

export const notInRoster = (): ConnectorFault =>
  new ConnectorFault(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.");

export const tooLarge = (): ConnectorFault => new ConnectorFault(413, "MessageSizeTooBig", "Message size too large.");

export const tooMany = (headers: Readonly<Record<string, string>> = {}): ConnectorFault =>
  new ConnectorFault(429, "Throttled", "Too many requests.", headers);
