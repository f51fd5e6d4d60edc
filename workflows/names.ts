/** Names of orchestrators, and the event that makes one look again. Instance ids are the ids of what they carry. */
export const RELEASE = "release";
export const RING = "ring";
export const APPROVAL = "approval";
export const APPS = "apps";
export const CATALOGUE = "catalogue";
export const DEPLOYMENT = "deployment";
export const DEPLOYMENTS_WATCH = "deploymentsWatch";
export const DISCOVERY = "discovery";
export const DRIVERS = "drivers";
export const FEATURE_RELEASES = "featureReleases";
export const GROUP_PROVISIONING = "groupProvisioning";
export const GROUP_REMOVAL = "groupRemoval";
export const POLICY_CONFLICTS = "policyConflicts";
export const POLICY_HEALTH = "policyHealth";
export const POLICY_REPAIR = "policyRepair";
export const QUALITY_POLICIES = "qualityPolicies";
export const SAFEGUARD_OPT_OUTS = "safeguardOptOuts";
export const TENANT_WATCH = "tenantWatch";
export const TENANT_UNENROL = "tenantUnenrol";
export const WHAT_IF = "whatIf";
export const EXPEDITE = "expedite";

/** "Look again": carries nothing, so that it may come twice, late or never. */
export const WAKE = "wake";

/** The instance that carries a ring of a release. */
export function ringInstance(releaseId: string, ring: string): string {
  return `${releaseId}:${encodeURIComponent(ring)}`;
}

/** The instance that carries a deployment or an update policy. */
export function deploymentInstance(id: string): string {
  return `deployment:${id}`;
}

/** The instance that carries an expedite. */
export function expediteInstance(expediteId: string): string {
  return `expedite:${expediteId}`;
}

/** The instance that puts a question to people. */
export function approvalInstance(questionId: string): string {
  return `approval:${encodeURIComponent(questionId).replaceAll("%", "_")}`;
}
