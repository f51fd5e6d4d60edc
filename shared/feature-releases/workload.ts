import { featureEligibility } from "../feature-devices/eligibility.js";
import { standingOffering } from "../graph/offering/standing.js";
import { toldAttributes } from "../readiness/device-attributes.js";
import { hardwareOf } from "../readiness/hardware.js";
import { SLO_PERCENT } from "../slo/percent.js";
import { Supersedence } from "../updates/supersedence.js";
import { UpdateState } from "../updates/up-to-date.js";
import { Workload, type WorkloadUpdate } from "../updates/update.js";
import { Health } from "../workloads/eligibility.js";
import { plansByOpening } from "../workloads/standing-plan.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";
import { pauseAfterQuestion } from "./measure.js";
import { phaseOffers } from "./offers.js";

/**
 * Feature updates: a feature release offers them by the policies of its phases; in every group a release of this workload
 * measures them, holds phases that have not begun, and leaves out bad cohorts. Only people pause them (§6.5, row 80).
 */
export const feature: WorkloadModule<WorkloadUpdate> = {
  id: Workload.feature,
  title: "Feature updates",
  offers: Offers.standing,
  reports: "signals",
  servicePauses: false,
  refuses: {
    expedite: "feature updates are offered by phases, and nothing hurries them",
    pause: "phases are paused with POST /api/v1/feature-releases/{id}/pause, which lasts until somebody resumes them",
    rollBack: "feature updates are uninstalled phase by phase, with POST /api/v1/feature-releases/{id}/uninstall",
  },
  pause: pauseAfterQuestion,
  objective: SLO_PERCENT,
  plan: (update, group) =>
    plansByOpening(update, group, ({ featureDeadlineDays, gracePeriodDays }) => ({
      deadlineDays: featureDeadlineDays,
      graceDays: gracePeriodDays,
    })),
  // A group is in one feature release at a time.
  supersedence: () => Supersedence.full,
  stateOf({ osVersion }, { revisions: [revision] }) {
    const [has, wanted] = [majorOf(osVersion ?? ""), majorOf(revision?.build ?? "")];
    return has >= wanted && wanted > 0 ? UpdateState.upToDate : UpdateState.notUpToDate;
  },
  async eligible(records, { shortName: target }, now) {
    const told = await toldAttributes();
    const healthy = records.filter((record) => {
      const hardware = hardwareOf(told.get(record.deviceId) ?? {});
      return featureEligibility({ record, hardware, target, now }).label === Health.healthy;
    });
    return new Set(healthy.map(({ deviceId }) => deviceId));
  },
  offering: async (_graph, acting) => standingOffering(acting, phaseOffers(acting)),
};

/** `10.0.26100.3775` → 26100; 0 for a text that says no version. */
function majorOf(osVersion: string): number {
  return Number(/^10\.0\.(\d{5})/.exec(osVersion)?.[1] ?? 0);
}
