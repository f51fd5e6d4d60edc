import { ringOffering } from "../quality-policies/governed.js";
import { planRings } from "../releases/plan.js";
import { SLO_PERCENT } from "../slo/percent.js";
import { Offers, type WorkloadModule } from "../workloads/workload.js";
import { type QualityUpdate, updateKind } from "./quality-update.js";
import { supersedence } from "./supersedence.js";
import { UpdateState, updateState } from "./up-to-date.js";
import { publishedAt, Workload } from "./update.js";

/** Quality updates: metered ring by ring and wave by wave, and the release hands what completed to the standing policy. */
export const quality: WorkloadModule<QualityUpdate> = {
  id: Workload.quality,
  title: "Quality updates",
  offers: Offers.metered,
  reports: "signals",
  servicePauses: true,
  objective: SLO_PERCENT,
  plan: (update, { definition }) =>
    planRings({ kind: updateKind(update), publishedAt: publishedAt(update), rings: definition.rings }),
  supersedence,
  stateOf: ({ osVersion }, update) => (osVersion === null ? UpdateState.notUpToDate : updateState(osVersion, update)),
  offering: ringOffering,
};
