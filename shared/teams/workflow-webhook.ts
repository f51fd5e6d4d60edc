import type { AdaptiveCard } from "../cards/elements.js";
import { config } from "../config.js";
import { AppError } from "../errors.js";
import { retryAfterSeconds } from "../graph/retry-after.js";
import type { Fetch } from "../graph/transport.js";
import { refuseInsecure } from "./secure-url.js";

/** Longest wait for an answer, milliseconds of wall time. */
const TIMEOUT_MS = 30_000;

/**
 * Posts a card, with links only, through the flow behind TEAMS_WORKFLOW_URL (graph.md §4.4). Success means that the flow
 * took it, not that it stands in Teams. The address is a secret and appears in no error. Throws `throttled` or
 * `unavailable` where another try makes sense, `gone` for a flow that was deleted, else `forbidden` or `invalid_input`.
 */
export async function postToWorkflow(card: AdaptiveCard, send: Fetch = fetch): Promise<void> {
  const { TEAMS_WORKFLOW_URL: url } = config();
  if (url === undefined) {
    const message = "No Teams flow is set up. Set TEAMS_WORKFLOW_URL and restart.";
    throw new AppError("invalid_input", message, { field: "TEAMS_WORKFLOW_URL" });
  }
  refuseInsecure(url, "TEAMS_WORKFLOW_URL");
  const contentType = "application/vnd.microsoft.card.adaptive";
  const body = JSON.stringify({ type: "message", attachments: [{ contentType, contentUrl: null, content: card }] });
  const headers = { "content-type": "application/json" };
  let response: Response;
  try {
    response = await send(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    // What fetch says of the failure may name the address.
    throw new AppError("unavailable", "The Teams flow gave no answer. It is tried again; check TEAMS_WORKFLOW_URL.");
  }
  if (!response.ok) throw failureOf(response);
}

function failureOf({ status, headers }: Response): AppError {
  const details = { status };
  if (status === 429 || status >= 500) {
    const wait = retryAfterSeconds(headers.get("retry-after"), headers.get("date"));
    const retry = wait === undefined ? {} : { retryAfterSeconds: wait };
    const message = `The Teams flow could not take the card (${status}). It is tried again.`;
    return new AppError(status === 429 ? "throttled" : "unavailable", message, { details, ...retry });
  }
  if (status === 404 || status === 410) {
    return new AppError(
      "gone",
      "The Teams flow was deleted or is disabled. Make a new one and set TEAMS_WORKFLOW_URL.",
      { details },
    );
  }
  const code = status === 401 || status === 403 ? "forbidden" : "invalid_input";
  return new AppError(code, `The Teams flow refused the card (${status}). Check who may trigger it, and its steps.`, {
    details,
  });
}
