/** Tables that go when the tenant leaves: everything the service knew of groups, devices, releases and people. */
export const SERVICE_TABLES = [
  "Groups",
  "Devices",
  "Discovery",
  "Readiness",
  "DeviceAttributes",
  "Hotpatch",
  "PolicyAlerts",
  "PolicyBaselines",
  "PolicyConflicts",
  "Releases",
  "ReleaseRings",
  "RingInbox",
  "Commands",
  "Decisions",
  "Baselines",
  "Approvals",
  "Incidents",
  "ledger",
  "ledgersummary",
  "Contacts",
  "Assessments",
  "WhatIf",
  "Messages",
  "Dispatches",
  "Announcements",
  "Webhooks",
  "WebhookDeliveries",
  "SupportRequests",
  "Teams",
  "Expedites",
  "FeatureReleases",
  "WebhookSignatures",
  "IdempotencyKeys",
] as const;

/**
 * Tables that stay: the audit log and how far it has been followed (or it would be told again), what the tenant agreed to
 * and when it left, and who may enrol it again.
 */
export const KEPT_TABLES = ["Audit", "Feed", "Tenant", "RoleAssignments"] as const;
