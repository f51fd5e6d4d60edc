import { compareVersions } from "../../../shared/drivers/version.js";
import { SignalWorkload } from "../../../shared/signals/signal.js";
import type { DeviceUpdateView } from "../tenant/types.js";
import { isNewer, isNewerVersion, versionOf } from "./build-number.js";
import type { DeviceState, DeviceUpdate, Result } from "./device-state.js";

const DAY = 86_400_000;
/** How long after its installation a quality update can be uninstalled (autopatch.md §5.6). */
const QUALITY_UNINSTALL_DAYS = 30;

/** An update that a device should have by what it has been told. */
export interface Target extends DeviceUpdate {
  /** ms */
  readonly since: number;
  /** Days until the forced restart, when the update is expedited. */
  readonly expeditedDays?: number;
  /** A safeguard hold keeps the device from it. */
  readonly isHeld?: true;
}

/**
 * Everything that a device is to install, one after the other: a quality update, else a Windows version, and a driver for
 * each part that has an older one.
 */
export function targetsOf(
  view: DeviceUpdateView,
  state: DeviceState,
  articles: ReadonlyMap<string, string>,
  now: number,
): Target[] {
  const windows = qualityTarget(view, state.build, articles, now) ?? featureTarget(view, state.build);
  return [...(windows === undefined ? [] : [windows]), ...driverTargets(view, state)];
}

/** The newest of what the device is offered, if it is newer than what it has. Nothing while its ring is paused or rolls back (autopatch.md §5.6). */
function qualityTarget(
  view: DeviceUpdateView,
  installed: string,
  articles: ReadonlyMap<string, string>,
  now: number,
): Target | undefined {
  const { offer, ring, expedite } = view;
  const { quality: workload } = SignalWorkload;
  if (ring?.qualityPaused === true || ring?.rollBackQuality === true) return undefined;
  const offered = offer !== undefined && isNewer(offer.build, installed) ? offer : undefined;
  if (expedite !== undefined && isNewer(expedite.build, offered?.build ?? installed)) {
    const kb = articles.get(expedite.build);
    if (kb !== undefined) {
      return { workload, kb, build: expedite.build, since: now, expeditedDays: expedite.daysUntilForcedReboot };
    }
  }
  if (offered === undefined) return undefined;
  const { kb, build, since, isHotpatch } = offered;
  const days = expedite?.build === build ? { expeditedDays: expedite.daysUntilForcedReboot } : {};
  return { workload, kb, build, since, ...days, ...(isHotpatch && { isHotpatch }) };
}

function featureTarget({ feature, ring, safeguards = [] }: DeviceUpdateView, installed: string): Target | undefined {
  if (feature === undefined || ring?.featurePaused === true || ring?.rollBackFeature === true) return undefined;
  const { version: kb, build: brings, since } = feature;
  if (!isNewerVersion(brings, installed)) return undefined;
  const update = { workload: SignalWorkload.feature, kb, build: versionOf(brings), brings, since };
  return safeguards.length > 0 ? { ...update, isHeld: true } : update;
}

function driverTargets({ drivers = [] }: DeviceUpdateView, { drivers: installed }: DeviceState): Target[] {
  return drivers
    .filter(({ name, version }) => compareVersions(version, installed?.[name] ?? "") > 0)
    .map(({ id, name, version, since }) => {
      return { workload: SignalWorkload.driver, kb: id, build: version, component: name, since };
    });
}

/** The key of the update that a rollback ordered by the ring takes away, if there is one. */
export function updateToRollBack(
  { ring }: DeviceUpdateView,
  installed: string,
  results: Readonly<Record<string, Result>>,
  now: number,
): string | undefined {
  // Devices ask at every look, and remember every update that they ever had.
  if (ring?.rollBackQuality !== true && ring?.rollBackFeature !== true) return undefined;
  const isOrdered = ({ workload, build, at }: Result) => {
    if (workload === SignalWorkload.quality) {
      return ring?.rollBackQuality === true && build === installed && now - at <= QUALITY_UNINSTALL_DAYS * DAY;
    }
    if (workload === SignalWorkload.driver || ring?.rollBackFeature !== true) return false;
    return build === versionOf(installed) && now - at <= ring.featureUninstallDays * DAY;
  };
  return Object.entries(results).find(([, result]) => result.state === "installed" && isOrdered(result))?.[0];
}

/** What matters of a view, as one text: equal texts, nothing new. */
export function digest(view: DeviceUpdateView): string {
  const { offer, feature, safeguards = [], drivers = [], ring, expedite, detectionFrequencyHours } = view;
  return [
    offer?.build,
    offer?.since,
    feature?.version,
    feature?.since,
    ...safeguards,
    ...drivers.map(({ id }) => id),
    ring?.id,
    ring?.qualityPaused,
    ring?.rollBackQuality,
    ring?.featurePaused,
    ring?.rollBackFeature,
    ring?.deadlineDays,
    ring?.featureDeadlineDays,
    ring?.graceDays,
    ring?.automaticUpdateMode,
    expedite?.build,
    expedite?.daysUntilForcedReboot,
    detectionFrequencyHours,
  ].join("|");
}
