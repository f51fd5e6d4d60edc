/** Tables that go when the tenant leaves: everything the service knew of groups, devices, releases and people. */
export const SERVICE_TABLES = [
  "Groups",
  "Devices",
  "Discovery",
  "Readiness",
  "DeviceAttributes",
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
  "IdempotencyKeys",
] as const;

/** Tables that stay: the audit log, what the tenant agreed to and when it left, and who may enrol it again. */
export const KEPT_TABLES = ["Audit", "Tenant", "RoleAssignments"] as const;
