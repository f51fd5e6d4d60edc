import { Place } from "../approvals/delivery.js";
import type { ApprovalPolicy } from "../approvals/policy.js";
import { config } from "../config.js";
import { botSettings } from "./settings.js";

/**
 * Where a new question is put besides the API: into the channel, and into a chat with each approver; without a bot, through
 * the webhook of a flow. Nowhere when nothing is set up.
 */
export function placesOf({ approvers }: Pick<ApprovalPolicy, "approvers">): string[] {
  const { TEAMS_CHANNEL_ID, TEAMS_APPROVERS, TEAMS_WORKFLOW_URL } = config();
  if (botSettings() === undefined) return TEAMS_WORKFLOW_URL === undefined ? [] : [Place.workflow];
  const channel = TEAMS_CHANNEL_ID === undefined ? [] : [Place.channel];
  return [...channel, ...new Set(approvers.length > 0 ? approvers : TEAMS_APPROVERS)];
}

/** Where a question goes that nobody has decided: into chats with those whom the policy names for that. */
export function laterPlacesOf({ escalateTo }: Pick<ApprovalPolicy, "escalateTo">): readonly string[] {
  return botSettings() === undefined ? [] : escalateTo;
}
