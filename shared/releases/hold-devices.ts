import { exemptReason, holdReason, holdsBack, matches, parseCohort } from "../cohorts/cohort.js";
import type { DeviceRow, Ledger } from "../ledger/index.js";
import { hasFailed } from "./examination.js";
import type { CohortHold } from "./holds.js";
import type { SettledHold } from "./settled-holds.js";

/** The devices that a hold concerns, and what is to be counted of them. */
export interface HoldDevices {
  /** Kept from the update; once the hold is over nobody is. */
  readonly held: readonly DeviceRow[];
  /** Not kept from it by this hold. */
  readonly free: readonly DeviceRow[];
  readonly rings: SettledHold["rings"];
  readonly reported: SettledHold["reported"];
}

/**
 * The devices of a release that a hold concerns.
 * @param uninstalled rings where people had the update uninstalled
 */
export function holdDevices(
  hold: Pick<CohortHold, "cohort" | "exempt" | "ended">,
  devices: readonly DeviceRow[],
  uninstalled: readonly string[],
): HoldDevices {
  const cohort = parseCohort(hold.cohort);
  const reason = holdReason(cohort);
  const exempt = new Set(hold.exempt);
  const members = devices.filter(({ attributes }) => matches(cohort, attributes));
  const isFree = ({ deviceId }: DeviceRow) => hold.ended !== null || exempt.has(deviceId);
  const rings: Record<string, SettledHold["rings"][string]> = {};
  for (const device of members) {
    const { held, exempt: exempted, waiting } = rings[device.ring] ?? { held: 0, exempt: 0, waiting: 0 };
    const free = isFree(device);
    rings[device.ring] = {
      held: held + (free ? 0 : 1),
      exempt: exempted + (free ? 1 : 0),
      waiting: waiting + (free && isWaiting(device, reason) ? 1 : 0),
    };
  }
  const offered = members.filter(({ wave, reportedAt }) => wave !== undefined && reportedAt !== undefined);
  const failures = offered.filter((device) => hasFailed(device, uninstalled)).length;
  return {
    held: members.filter((device) => !isFree(device)),
    free: members.filter(isFree),
    rings,
    reported: { failures, reports: offered.length },
  };
}

/** Notes a hold on the devices it concerns. A new reason comes before an old one goes, so that the gate counts no device in between. */
export async function noteHold(
  books: Ledger,
  releaseId: string,
  hold: Pick<CohortHold, "cohort" | "ended">,
  { held, free }: Pick<HoldDevices, "held" | "free">,
): Promise<void> {
  const cohort = parseCohort(hold.cohort);
  const [reason, exemption] = [holdReason(cohort), exemptReason(cohort)];
  const [heldIds, freeIds] = [idsOf(held), idsOf(free)];
  await books.holdDevices(releaseId, heldIds, reason);
  await books.releaseDevices(releaseId, heldIds, exemption);
  if (hold.ended === null) await books.holdDevices(releaseId, freeIds, exemption);
  else await books.releaseDevices(releaseId, freeIds, exemption);
  await books.releaseDevices(releaseId, freeIds, reason);
}

const idsOf = (devices: readonly DeviceRow[]): string[] => devices.map(({ deviceId }) => deviceId);

/** Whether nothing but this hold, if it still stands, keeps a device from being offered for the first time. */
function isWaiting({ wave, reportedAt, holds }: DeviceRow, reason: string): boolean {
  return wave === undefined && reportedAt === undefined && !holds.some((one) => one !== reason && holdsBack(one));
}
