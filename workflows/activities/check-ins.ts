import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { listManagedDevices } from "../../shared/graph/inventory.js";
import { ledger } from "../../shared/ledger/index.js";
import { hoursAway, surveyedHoursAway, usualHoursAway } from "../../shared/registration/check-ins.js";
import type { ReleaseFacts } from "../../shared/releases/news.js";
import { type MeasuredCheckIns, needsCheckIns, startedDevices } from "../../shared/releases/silence.js";

/**
 * The concurrent control (gate.md §4): how long those devices of the release stay away that it has not been offered to,
 * now and usually; or everybody in the group, where it has been offered to all. Null where silence says nothing against the update, or where this was measured hours ago.
 */
export async function checkInsNow({ release, rings, summary }: ReleaseFacts): Promise<MeasuredCheckIns | null> {
  const at = clock.now();
  if (!needsCheckIns(release, startedDevices(summary, rings), at)) return null;
  const others: string[] = [];
  for await (const { deviceId, state } of (await ledger()).rows(release.id)) {
    if (state === "notOffered") others.push(deviceId);
  }
  const beside = others.length === 0 ? null : hoursAway(others, await listManagedDevices(graphClient()), at);
  // With nobody left to compare with, everybody in the group shows a holiday too, if not as well.
  const currentHours = beside ?? (await surveyedHoursAway(release.groupId, at));
  const usualHours = currentHours === null ? null : await usualHoursAway(release.groupId, release.startedAt);
  if (currentHours === null || usualHours === null) return { at, control: null };
  return { at, control: { usualHours, currentHours } };
}
