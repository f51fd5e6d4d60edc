import type { AssessmentCheck } from "./check.js";
import { coManagement } from "./co-management.js";
import { conditionalAccess } from "./conditional-access.js";
import { licences } from "./licences.js";
import { securityDefaults } from "./security-defaults.js";
import { serviceAccounts } from "./service-accounts.js";
import { serviceCommunications } from "./service-communications.js";
import { unlicensedAdmin } from "./unlicensed-admin.js";
import { updateRings } from "./update-rings.js";

/** The checks of 2023–24, then those of 2022 and our own that run when they are asked for (autopatch.md §4.2). */
export const ASSESSMENT_CHECKS: readonly AssessmentCheck[] = [
  updateRings,
  coManagement,
  licences,
  conditionalAccess,
  securityDefaults,
  unlicensedAdmin,
  serviceAccounts,
  serviceCommunications,
];
