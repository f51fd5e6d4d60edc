import { config } from "../config.js";
import { AppError } from "../errors.js";

/** Longest wait for the flow, ms of wall time. */
const TIMEOUT_MS = 15_000;

/** Whether a Workflows webhook is configured. */
export function hasWorkflow(): boolean {
  return config().TEAMS_WORKFLOW_URL !== undefined;
}

/**
 * Posts an adaptive card through the Workflows webhook of `TEAMS_WORKFLOW_URL` (graph.md §4.4); without one it does
 * nothing. The card may have links only. A success says that the flow took it, not that it was posted.
 * @throws AppError `throttled` (not taken), `unavailable` (nobody knows), else terminal; none names the address
 */
export async function postToWorkflow(card: object): Promise<void> {
  const url = config().TEAMS_WORKFLOW_URL;
  if (url === undefined) return;
  const content = { $schema: "http://adaptivecards.io/schemas/adaptive-card.json", ...card };
  const attachment = { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content };
  const status = await send(url, JSON.stringify({ type: "message", attachments: [attachment] }));
  if (status < 300) return;
  if (status === 429 || status === 503) {
    throw new AppError("throttled", `The Teams workflow is busy (${status}). The card is posted again later.`);
  }
  if (status >= 500) throw new AppError("unavailable", `The Teams workflow failed (${status}).`);
  const message = `The Teams workflow refused the card (${status}). Check that the flow is on and who may trigger it (TEAMS_WORKFLOW_URL).`;
  throw new AppError(status === 404 || status === 410 ? "gone" : "forbidden", message);
}

async function send(url: string, body: string): Promise<number> {
  try {
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // The cause would name the address, which is a secret.
    throw new AppError("unavailable", "The Teams workflow gave no answer. Check TEAMS_WORKFLOW_URL and the network.");
  }
}
