import type { Operation } from "../route.js";

/** What paths are about, by their first word. */
export const TAGS: Readonly<Record<string, string>> = {
  announcements: "Knowledge base articles of the current releases",
  "antivirus-alerts": "Devices whose antivirus definitions are stale",
  "app-versions": "Versions of Microsoft 365 Apps and Edge",
  approvals: "Questions of the service to people",
  audit: "Who did what and why",
  baselines: "What finished releases have taught the health gate",
  catalogue: "The update catalogue",
  deployments: "Updates for chosen devices outside of the rings",
  devices: "Registered devices and why others are not",
  discoveries: "Searches for devices",
  expedites: "Urgent updates that need not wait for their rings",
  "feature-devices": "Devices with their feature updates, and Windows versions whose support ends",
  "feature-releases": "Feature updates in phases of deployment rings",
  groups: "Autopatch groups, their rings and policies",
  hotpatch: "Security updates without a restart: their calendar, the tenant's default, the report",
  incidents: "Missed service level objectives",
  messages: "What the service tells people",
  "openapi.json": "This document",
  "policy-alerts": "What is wrong with policies of the service",
  "policy-conflicts": "Other policies that say otherwise to the same devices",
  "policy-health": "Policies as they are and as they should be",
  "quality-policies": "Quality update policies, their approvals and their report",
  readiness: "Whether devices are ready for updates",
  releases: "Releases, their rings, holds and devices",
  roles: "Who may do what",
  "safeguard-holds": "Known issues that keep devices from a feature update, and who is opted out",
  session: "Who calls",
  status: "The service itself",
  "support-requests": "Requests for support, with their history",
  tenant: "Enrolment, licences, assessment and contacts",
  "update-policies": "Policies that approve updates for chosen devices",
  webhooks: "Outgoing webhooks and what they delivered",
  "what-if": "Simulated settings",
};

/** The tag of an operation: the first word of its path. */
export function tagOf({ path }: Pick<Operation, "path">): string {
  const word = path.split("/")[0] ?? path;
  return word.startsWith("policy-conflicts") ? "policy-conflicts" : word;
}
