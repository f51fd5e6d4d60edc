import { isDeepStrictEqual } from "node:util";
import type { DeviceTruth } from "../../infra/local/fleet/index.js";
import type { DeviceRow } from "../../shared/ledger/device-row.js";
import type { LedgerState } from "../../shared/ledger/state.js";

const TRUTH_OF: Readonly<Record<LedgerState, DeviceTruth["state"]>> = {
  held: "none",
  notOffered: "none",
  open: "none",
  upToDate: "installed",
  failed: "failed",
  rolledBack: "rolledBack",
};

/**
 * Devices about which the ledger and the truth differ, one line each. A device that never reports may be open in the
 * ledger whatever happened to it, and so may one whose report is still on its way; nothing else is excused.
 */
export function disagreements(rows: readonly DeviceRow[], truth: readonly DeviceTruth[]): string[] {
  const truthOf = new Map(truth.map((device) => [device.deviceId, device]));
  return rows.flatMap(({ deviceId, state }) => {
    const device = truthOf.get(deviceId);
    if (device === undefined) return [`${deviceId}: in the ledger, but not in the fleet`];
    if (device.state === TRUTH_OF[state]) return [];
    if (state === "open" && (device.neverReports || device.reportPending)) return [];
    return [`${deviceId}: ${state} in the ledger, truly ${device.state}`];
  });
}

/** Devices whose rows differ between two runs, one line each that names the first fields. */
export function differences(expected: readonly DeviceRow[], actual: readonly DeviceRow[]): string[] {
  const found = new Map(actual.map((row) => [row.deviceId, row]));
  const missing = expected.flatMap((row) => {
    const other = found.get(row.deviceId);
    found.delete(row.deviceId);
    if (other === undefined) return [`${row.deviceId}: row is missing`];
    const fields = differingFields(row, other);
    return fields.length === 0 ? [] : [`${row.deviceId}: ${fields.join(", ")}`];
  });
  return [...missing, ...[...found.keys()].map((deviceId) => `${deviceId}: row is too many`)];
}

/** Top-level fields in which two plain objects differ, with both values. */
export function differingFields(expected: object, actual: object): string[] {
  const [left, right] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((key) => !isDeepStrictEqual(left.get(key), right.get(key)))
    .map((key) => `${key} ${short(left.get(key))} became ${short(right.get(key))}`);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
