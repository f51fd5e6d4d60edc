import { changeDevices, type LedgerContext } from "./context.js";

/**
 * Holds devices for a reason (`cohort:model=…`, `person:…`); several reasons add up. Devices with an outcome keep being
 * counted by it. Devices that are not enrolled are passed over. @returns how many devices changed
 */
export function holdDevices(context: LedgerContext, releaseId: string, deviceIds: readonly string[], reason: string) {
  return setHolds(context, releaseId, deviceIds, (holds) =>
    holds.includes(reason) ? holds : [...holds, reason].sort(),
  );
}

/** Takes one reason away; a device is free when none is left. @returns how many devices changed */
export function releaseDevices(
  context: LedgerContext,
  releaseId: string,
  deviceIds: readonly string[],
  reason: string,
) {
  return setHolds(context, releaseId, deviceIds, (holds) =>
    holds.includes(reason) ? holds.filter((other) => other !== reason) : holds,
  );
}

async function setHolds(
  context: LedgerContext,
  releaseId: string,
  deviceIds: readonly string[],
  update: (holds: readonly string[]) => readonly string[],
): Promise<number> {
  const release = await context.store.release(releaseId);
  const ids = new Set(deviceIds.map((deviceId) => deviceId.toLowerCase()));
  return changeDevices(context, release, ids, () => (row) => {
    if (row === undefined) return undefined;
    const holds = update(row.holds);
    return holds === row.holds ? undefined : { ...row, holds };
  });
}
