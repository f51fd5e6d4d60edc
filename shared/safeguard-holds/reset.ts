import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { iso } from "../calendar/days.js";
import { listDevices } from "../registration/store.js";
import { parseBuild } from "../updates/build.js";
import { expectApplying, listOptOuts, removeOptOut } from "./opt-outs.js";

/**
 * Ends the opt-outs of devices that have taken a feature update since, as Windows itself sets the policy back, and of
 * devices that have left the register (autopatch.md §12, row 104). May run again. @param now ms
 * @returns how many ended
 */
export async function resetOptOuts(now: number): Promise<number> {
  const optOuts = await listOptOuts();
  if (optOuts.length === 0) return 0;
  const devices = new Map((await listDevices()).map((record) => [record.deviceId, record]));
  let ended = 0;
  for (const { deviceId, fromBuild, since } of optOuts) {
    const record = devices.get(deviceId);
    const build = parseBuild(record?.managed?.osVersion ?? "")?.major;
    const hasMoved = build !== undefined && build > (fromBuild ?? build);
    if (record !== undefined && !hasMoved) continue;
    const because = record === undefined ? "The device has left the register." : "It has taken a feature update.";
    const evidence = { since, fromBuild, build: build ?? null, because };
    const target = `device/${deviceId}`;
    await expectApplying(iso(now));
    await audit({ at: now, actor: SERVICE, action: "safeguard.optOut.reset", target, evidence, key: deviceId });
    await removeOptOut(deviceId);
    ended++;
  }
  return ended;
}
