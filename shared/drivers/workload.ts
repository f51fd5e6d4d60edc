import { standingOffering } from "../graph/offering/standing.js";
import { Supersedence } from "../updates/supersedence.js";
import { UpdateState } from "../updates/up-to-date.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { plansByOpening } from "../workloads/standing-plan.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";
import { driverOffers } from "./offers.js";
import { compareVersions } from "./version.js";

/**
 * Drivers and firmware: the driver policy of a ring offers what is approved in it, with its deferral; a release for every
 * driver that a group approves measures it, keeps it from further rings, and suspends it where it fails (autopatch.md §7).
 */
export const drivers: WorkloadModule<WorkloadUpdate> = {
  id: Workload.driver,
  title: "Drivers and firmware",
  offers: Offers.standing,
  reports: "signals",
  servicePauses: true,
  refuses: {
    expedite: "drivers cannot be expedited",
    rollBack: "Windows Update takes no driver back; pause it, and devices are offered the one before",
  },
  // The reference names no objective for drivers.
  objective: null,
  plan: (update, group) =>
    plansByOpening(update, group, ({ qualityDeadlineDays, gracePeriodDays }) => ({
      deadlineDays: qualityDeadlineDays,
      graceDays: gracePeriodDays,
    })),
  supersedence: ({ revisions: [newer] }, { revisions: [older] }) =>
    newer?.product === older?.product && compareVersions(newer?.build ?? "", older?.build ?? "") > 0
      ? Supersedence.full
      : Supersedence.none,
  // Intune counts devices that need a driver, and names none of them: only agents tell.
  stateOf: () => UpdateState.notUpToDate,
  offering: async (_graph, acting) => standingOffering(acting, driverOffers(acting)),
};
