import { DAY_MS, HOUR_MS } from "../calendar/days.js";
import { SILENCE_RISK } from "../gate/controller.js";
import type { SilenceCounts } from "../gate/gate.js";
import {
  type CheckInControl,
  computeSilence,
  DEFAULT_NO_RETURN,
  type Silence,
  type SilentGroup,
  upperShare,
} from "../gate/silence.js";
import type { ReleaseSummary, SilentDevices } from "../ledger/index.js";
import type { Release, ReleaseRing } from "./store.js";

/** Devices of all waves that began to install, and those that have not come back. */
export interface StartedDevices {
  readonly started: number;
  readonly silent: readonly SilentGroup[];
}

/** A look at the concurrent control; null where there is none, or nothing is known of what is usual. */
export interface MeasuredCheckIns {
  /** ms */
  readonly at: number;
  readonly control: CheckInControl | null;
}

/** What a release keeps of the silence it heard last; the decision log keeps all of it. */
export interface HeardSilence extends Omit<Silence, "input"> {
  readonly started: number;
  /** Highest share of devices that the update may leave unable to come back (`upperShare`). */
  readonly upperShare: number;
}

/** A measurement of check-ins stands for this long: how long people are away changes by the day. */
const MEASURED_FOR_HOURS = 6;

/**
 * Who began to install, of the devices that the service has offered the update. A final report proves a beginning, also
 * where its signal was lost. A device that has said that it waits for its restart may wait for the grace period of its
 * ring, and counts as silent from the end of it.
 */
export function startedDevices(
  { waves }: Pick<ReleaseSummary, "waves">,
  rings: readonly Pick<ReleaseRing, "ring" | "state">[],
): StartedDevices {
  const graceOf = new Map(rings.map(({ ring, state }) => [ring, (state.plan.graceDays ?? 0) * DAY_MS]));
  const byHour = new Map<number, number>();
  const add = ({ since, devices }: SilentDevices, later: number) => {
    const from = Date.parse(since) + later;
    byHour.set(from, (byHour.get(from) ?? 0) + devices);
  };
  for (const { ring, startedSilent, restartPending } of waves) {
    for (const group of startedSilent) add(group, 0);
    for (const group of restartPending) add(group, graceOf.get(ring) ?? 0);
  }
  return {
    started: waves.reduce((sum, { started, resolved }) => sum + Math.max(started, resolved), 0),
    silent: [...byHour].sort(([a], [b]) => a - b).map(([since, devices]) => ({ since, devices })),
  };
}

/** The gate's view of silence: against what finished releases have shown and what others do meanwhile. */
export function silenceCounts(
  { history }: Pick<Release, "history">,
  { started, silent }: StartedDevices,
  control: CheckInControl | null,
): SilenceCounts {
  return { started, silent, noReturn: history.noReturn ?? DEFAULT_NO_RETURN, control };
}

/**
 * Whether to ask how long devices stay away that were not offered the update. It costs a reading of Intune's devices,
 * hence only when silence alone would hold the release, and not at every look.
 */
export function needsCheckIns(
  release: Pick<Release, "history" | "checkIns" | "gate">,
  devices: StartedDevices,
  now: number,
): boolean {
  if (release.gate.mode === "off") return false;
  const { checkIns = null } = release;
  if (checkIns !== null && now - checkIns.at < MEASURED_FOR_HOURS * HOUR_MS) return false;
  return computeSilence({ now, ...silenceCounts(release, devices, null) }).logE >= Math.log(release.gate.holdEvidence);
}

/** What the release keeps of silence, with what the controller wants to know of it. */
export function heardSilence({ input, ...said }: Silence): HeardSilence {
  return { ...said, started: input.started, upperShare: upperShare(input, SILENCE_RISK) };
}
