import { SignalWorkload } from "../../../shared/signals/signal.js";
import { type Update, Workload, workloadOf } from "../../../shared/updates/update.js";
import type { Population } from "../fleet/population.js";
import { truthOf, type WantedUpdate } from "../fleet/truth.js";

/** Whether no device has failed because of the update itself; devices fail without its fault too. */
export function isHarmless(update: Update, { devices, states }: Population): boolean {
  const wanted = wantedOf(update);
  if (wanted === undefined) return true;
  return devices.every((device) => {
    const state = states[device.index];
    return state === undefined || !truthOf(device, state, wanted).harmed;
  });
}

/** What the fleet knows the update by; undefined where it has none: apps do not fail. */
function wantedOf(update: Update): WantedUpdate | undefined {
  const [revision] = update.revisions;
  if (revision === undefined) return undefined;
  const { kb, build, product } = revision;
  switch (workloadOf(update)) {
    case Workload.quality:
      return update.revisions.map((each) => each.build);
    case Workload.feature:
      return { workload: SignalWorkload.feature, kb, build };
    case Workload.driver:
      return { workload: SignalWorkload.driver, kb, build, component: product };
    default:
      return undefined;
  }
}
