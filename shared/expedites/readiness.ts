import type { Attributes } from "../attributes/columns.js";
import type { DeviceRecord } from "../registration/device.js";
import { parseBuild } from "../updates/build.js";
import type { QualityUpdate } from "../updates/quality-update.js";
import { updateState } from "../updates/up-to-date.js";
import type { ReadinessTest } from "./expedite.js";

/** Windows 11 24H2 brings what expediting needs; before it Update Health Tools do (autopatch.md §5.7). */
const BUILT_IN_SINCE = 26_100;

/** Why a device cannot take an expedited update. */
export const NotReadyReason = {
  unknownWindows: "Intune does not know its Windows build.",
  otherWindows: "The update is not for its version of Windows.",
  notReady: "It is Not ready for updates; GET devices/{deviceId}/readiness says why.",
  healthTools: "Update Health Tools (KB4023057) are missing, which Windows before 24H2 needs.",
  telemetry: "Diagnostic data is off, which expediting needs.",
  services: "The services of Windows Update are stopped.",
} as const;
export type NotReadyReason = (typeof NotReadyReason)[keyof typeof NotReadyReason];

/** What the test found on one device; `reason` null: nothing stands against it. */
export interface DeviceTest {
  readonly upToDate: boolean;
  readonly reason: NotReadyReason | null;
}

/**
 * Tests a device for an expedited update (autopatch.md §5.7). Its agent tells of the three needs by attributes:
 * `updateHealthTools: missing`, `diagnosticData: off`, `updateServices: stopped`; what it does not tell is taken as met.
 */
export function testDevice(
  { managed, state }: Pick<DeviceRecord, "managed" | "state">,
  told: Attributes,
  update: Pick<QualityUpdate, "revisions">,
): DeviceTest {
  const build = parseBuild(managed?.osVersion ?? "");
  if (build === undefined) return notReady(NotReadyReason.unknownWindows);
  const present = updateState(managed?.osVersion ?? "", update);
  if (present === "upToDate") return { upToDate: true, reason: null };
  if (present === "notApplicable") return notReady(NotReadyReason.otherWindows);
  if (state !== "Ready") return notReady(NotReadyReason.notReady);
  if (told.updateHealthTools === "missing" && build.major < BUILT_IN_SINCE) return notReady(NotReadyReason.healthTools);
  if (told.diagnosticData === "off") return notReady(NotReadyReason.telemetry);
  return told.updateServices === "stopped" ? notReady(NotReadyReason.services) : { upToDate: false, reason: null };
}

function notReady(reason: NotReadyReason): DeviceTest {
  return { upToDate: false, reason };
}

/** The test of all devices together. @param at ms */
export function readinessTest(tests: readonly DeviceTest[], at: number): ReadinessTest {
  const reasons = new Map<string, number>();
  for (const { reason } of tests) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const upToDate = tests.filter((test) => test.upToDate).length;
  const unready = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const ready = tests.length - upToDate - unready;
  return { at, devices: tests.length, upToDate, ready, notReady: Object.fromEntries([...reasons].sort()) };
}
