import type { AdaptiveCard } from "../../shared/cards/elements.js";
import { AppError } from "../../shared/errors.js";

/** The answer to a click on a card: HTTP 200 with a status of its own inside (graph.md §4.6). */
export type InvokeReply =
  | { readonly statusCode: 200; readonly type: "application/vnd.microsoft.card.adaptive"; readonly value: AdaptiveCard }
  | { readonly statusCode: 200; readonly type: "application/vnd.microsoft.activity.message"; readonly value: string }
  | {
      readonly statusCode: 400 | 500;
      readonly type: "application/vnd.microsoft.error";
      readonly value: { readonly code: string; readonly message: string };
    };

/** Replaces the card for the person who clicked. */
export function cardReply(value: AdaptiveCard): InvokeReply {
  return { statusCode: 200, type: "application/vnd.microsoft.card.adaptive", value };
}

/** Tells the person something; the card stays. */
export function toast(value: string): InvokeReply {
  return { statusCode: 200, type: "application/vnd.microsoft.activity.message", value };
}

/** The click made no sense. */
export function badRequest(message: string): InvokeReply {
  return { statusCode: 400, type: "application/vnd.microsoft.error", value: { code: "BadRequest", message } };
}

/** It failed on our side; what is no AppError is a defect, whose text stays in the log. */
export function failed(error: unknown): InvokeReply {
  const known = error instanceof AppError;
  const value = known
    ? { code: error.code, message: error.message }
    : { code: "internal", message: "The click failed inside Ringmaster. Try again; the log has the cause." };
  return { statusCode: 500, type: "application/vnd.microsoft.error", value };
}
