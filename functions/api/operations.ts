import type * as announcements from "./announcements.js";
import type * as approvals from "./approvals.js";
import type * as apps from "./apps.js";
import type * as baselines from "./baselines.js";
import type * as contacts from "./contacts.js";
import type * as defaultDistribution from "./default-distribution.js";
import type * as deployments from "./deployments.js";
import type * as deviceWorkloads from "./device-workloads.js";
import type * as devices from "./devices.js";
import type * as drivers from "./drivers.js";
import type * as expedites from "./expedites.js";
import type * as featureDevices from "./feature-devices.js";
import type * as featureReleases from "./feature-releases.js";
import type * as featureUninstalls from "./feature-uninstalls.js";
import type * as groupFiles from "./group-files.js";
import type * as groupRings from "./group-rings.js";
import type * as groups from "./groups.js";
import type * as holds from "./holds.js";
import type * as hotpatch from "./hotpatch.js";
import type * as incidents from "./incidents.js";
import type * as messages from "./messages.js";
import type * as policyConflicts from "./policy-conflicts.js";
import type * as policyHealth from "./policy-health.js";
import type * as qualityPolicies from "./quality-policies.js";
import type * as qualityPolicyReleases from "./quality-policy-releases.js";
import type * as readiness from "./readiness.js";
import type * as releaseCommands from "./release-commands.js";
import type * as releases from "./releases.js";
import type * as roles from "./roles.js";
import type { Operation } from "./route.js";
import type * as safeguardHolds from "./safeguard-holds.js";
import type * as service from "./service.js";
import type * as session from "./session.js";
import type * as supportRequests from "./support-requests.js";
import type * as tenant from "./tenant.js";
import type * as updatePolicies from "./update-policies.js";
import type * as webhookDeliveries from "./webhook-deliveries.js";
import type * as webhooks from "./webhooks.js";
import type * as whatIf from "./what-if.js";

type Modules = typeof announcements &
  typeof approvals &
  typeof apps &
  typeof baselines &
  typeof contacts &
  typeof defaultDistribution &
  typeof deployments &
  typeof deviceWorkloads &
  typeof devices &
  typeof drivers &
  typeof expedites &
  typeof featureDevices &
  typeof featureReleases &
  typeof featureUninstalls &
  typeof groupFiles &
  typeof groupRings &
  typeof groups &
  typeof holds &
  typeof hotpatch &
  typeof incidents &
  typeof messages &
  typeof policyConflicts &
  typeof policyHealth &
  typeof qualityPolicies &
  typeof qualityPolicyReleases &
  typeof readiness &
  typeof releaseCommands &
  typeof releases &
  typeof roles &
  typeof safeguardHolds &
  typeof service &
  typeof session &
  typeof supportRequests &
  typeof tenant &
  typeof updatePolicies &
  typeof webhookDeliveries &
  typeof webhooks &
  typeof whatIf;

/** Every operation of the API by its name, as types alone: what a client may send, and what it gets. */
export type Operations = {
  readonly [N in keyof Modules as Modules[N] extends Operation ? N : never]: Modules[N];
};
