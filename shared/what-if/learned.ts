import { UpdateKind } from "../calendar/names.js";
import { baselineOf } from "../gate/baseline-store.js";
import { NO_HISTORY, type WhatIfHistory } from "./history.js";

/** What finished releases have taught about the monthly security updates of an Autopatch group. */
export async function learnedHistory(groupId: string): Promise<WhatIfHistory> {
  const { p0, p0Variation, deployments, arrivals, noReturn } = await baselineOf(UpdateKind.B, groupId);
  return { deployments, p0, p0Variation, arrivals: { ...arrivals }, noReturn: noReturn ?? NO_HISTORY.noReturn };
}
