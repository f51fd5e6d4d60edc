/** The checks that a registered device must pass, by the names its administrator reads (autopatch.md §3.7). */
export const ReadinessCheck = {
  platform: "Windows OS build, architecture, edition",
  mdmPolicies: "Windows update policies managed via MDM",
  groupPolicies: "Windows update policies managed via Group Policy",
  officePolicies: "Microsoft Office update policy via Group Policy",
  serviceEndpoints: "Windows Autopatch network endpoints",
  teamsEndpoints: "Microsoft Teams network endpoints",
  edgeEndpoints: "Microsoft Edge network endpoints",
  internet: "Internet connectivity",
} as const;
export type ReadinessCheck = (typeof ReadinessCheck)[keyof typeof ReadinessCheck];

/** All checks in the order in which the first failing one is the reason shown. */
export const READINESS_CHECKS: readonly ReadinessCheck[] = Object.values(ReadinessCheck);

/** What a check demands, for the reason of a failure that comes without one. */
export const DEMANDS: Readonly<Record<ReadinessCheck, string>> = {
  [ReadinessCheck.platform]: "Windows must be 10.0.17763 or later, 64-bit, in a supported edition.",
  [ReadinessCheck.mdmPolicies]:
    "No Update policy besides the service's own and the active hours may be set by MDM. Remove the other policy or exclude the device from it.",
  [ReadinessCheck.groupPolicies]:
    "No group policy may direct or switch off Windows Update. Remove the setting from the group policy or the registry.",
  [ReadinessCheck.officePolicies]:
    "No group policy may manage updates of Microsoft 365 Apps. Remove the setting from the group policy.",
  [ReadinessCheck.serviceEndpoints]: "The service's endpoints must be reachable. Allow them in proxy and firewall.",
  [ReadinessCheck.teamsEndpoints]: "Microsoft Teams' endpoints must be reachable. Allow them in proxy and firewall.",
  [ReadinessCheck.edgeEndpoints]: "Microsoft Edge's endpoints must be reachable. Allow them in proxy and firewall.",
  [ReadinessCheck.internet]: "At least 3 Microsoft addresses must answer 2 pings each. Check the device's network.",
};

export function isReadinessCheck(name: string): name is ReadinessCheck {
  return READINESS_CHECKS.some((check) => check === name);
}

/** How one check went on one device. */
export interface CheckResult {
  readonly check: ReadinessCheck;
  readonly passed: boolean;
  /** Why it failed and what to do. */
  readonly reason?: string;
}
