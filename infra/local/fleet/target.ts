import type { DeviceUpdateView } from "../tenant/types.js";
import { isNewer } from "./build-number.js";
import type { Result } from "./device-state.js";

/** How long after its installation an update can be uninstalled (autopatch.md §5.6). */
const UNINSTALL_WINDOW_MS = 30 * 86_400_000;

/** The update that a device should have by what it has been told. */
export interface Target {
  readonly kb: string;
  readonly build: string;
  /** ms */
  readonly since: number;
  /** Days until the forced restart, when the update is expedited. */
  readonly expeditedDays?: number;
}

/**
 * What a device is to install: the newest of what it is offered, if it is newer than what it has. Nothing while its
 * ring is paused or rolls back (autopatch.md §5.6).
 */
export function targetOf(
  view: DeviceUpdateView,
  installed: string,
  articles: ReadonlyMap<string, string>,
  now: number,
): Target | undefined {
  const { offer, ring, expedite } = view;
  if (ring?.qualityPaused === true || ring?.rollBackQuality === true) return undefined;
  const offered = offer !== undefined && isNewer(offer.build, installed) ? offer : undefined;
  if (expedite !== undefined && isNewer(expedite.build, offered?.build ?? installed)) {
    const kb = articles.get(expedite.build);
    if (kb !== undefined) {
      return { kb, build: expedite.build, since: now, expeditedDays: expedite.daysUntilForcedReboot };
    }
  }
  if (offered === undefined) return undefined;
  const { kb, build, since } = offered;
  const days = expedite?.build === build ? { expeditedDays: expedite.daysUntilForcedReboot } : {};
  return { kb, build, since, ...days };
}

/** The article of the update that a rollback ordered by the ring takes away, if there is one. */
export function updateToRollBack(
  view: DeviceUpdateView,
  installed: string,
  results: Readonly<Record<string, Result>>,
  now: number,
): string | undefined {
  if (view.ring?.rollBackQuality !== true) return undefined;
  const found = Object.entries(results).find(
    ([, { state, build, at }]) => state === "installed" && build === installed && now - at <= UNINSTALL_WINDOW_MS,
  );
  return found?.[0];
}

/** What matters of a view, as one text: equal texts, nothing new. */
export function digest({ offer, ring, expedite, detectionFrequencyHours }: DeviceUpdateView): string {
  return [
    offer?.build,
    offer?.since,
    ring?.id,
    ring?.qualityPaused,
    ring?.rollBackQuality,
    ring?.deadlineDays,
    ring?.graceDays,
    ring?.automaticUpdateMode,
    expedite?.build,
    expedite?.daysUntilForcedReboot,
    detectionFrequencyHours,
  ].join("|");
}
