import { compareVersions, isAtLeast } from "../app-versions/version.js";
import { standingOffering } from "../graph/offering/standing.js";
import { appDevices } from "../inventory/devices.js";
import { Supersedence } from "../updates/supersedence.js";
import { UpdateState } from "../updates/up-to-date.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { Health } from "../workloads/eligibility.js";
import { plansByOpening } from "../workloads/standing-plan.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";
import { officeEligibility } from "./eligibility.js";
import { officeOffers } from "./offers.js";
import { OFFICE_SLO_PERCENT } from "./report.js";
import { DEADLINE_DAYS } from "./schedule.js";

const HOLDS = "Microsoft 365 Apps of a group are held with POST /api/v1/groups/{id}/apps/microsoft365Apps";

/**
 * Microsoft 365 Apps: the policy of a ring has devices follow the Monthly Enterprise Channel, and the daily inventory
 * tells which version they have; a release for every monthly version follows it ring by ring (autopatch.md §8.1).
 */
export const microsoft365Apps: WorkloadModule<WorkloadUpdate> = {
  id: Workload.microsoft365Apps,
  title: "Microsoft 365 Apps",
  offers: Offers.standing,
  reports: "inventory",
  servicePauses: false,
  unstoppable: {
    what: "cohorts",
    because:
      "The policy of a ring holds Microsoft 365 Apps of the whole ring and of no part of it: cohorts that fail are named, not held.",
  },
  refuses: {
    expedite: "Office takes a version when its publisher and the ring's delay allow it",
    pause: `${HOLDS}/pause`,
    rollBack: `${HOLDS}/rollback`,
  },
  goneBack({ revisions: [revision] }, { officePins = {} }) {
    const build = revision?.build ?? "";
    return Object.entries(officePins).flatMap(([ring, { version, keepsInstalled }]) =>
      keepsInstalled || compareVersions(version, build) >= 0 ? [] : ring,
    );
  },
  objective: OFFICE_SLO_PERCENT,
  plan: (update, group) => plansByOpening(update, group, () => ({ deadlineDays: DEADLINE_DAYS, graceDays: 0 })),
  supersedence: () => Supersedence.full,
  stateOf({ apps = {} }, { revisions: [revision], satisfiedBy }) {
    const installed = apps.microsoft365Apps;
    if (installed === undefined) return UpdateState.notApplicable;
    const wanted = satisfiedBy ?? revision?.build ?? "";
    return isAtLeast(installed, wanted) ? UpdateState.upToDate : UpdateState.notUpToDate;
  },
  async eligible(records, _update, now) {
    const healthy = (await appDevices(records, now)).filter((each) => officeEligibility(each).label === Health.healthy);
    return new Set(healthy.map(({ deviceId }) => deviceId));
  },
  offering: async (_graph, acting) => standingOffering(acting, officeOffers(acting)),
};
