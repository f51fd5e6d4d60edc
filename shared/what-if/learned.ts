import { NO_HISTORY, type WhatIfHistory } from "./history.js";

/** What the finished releases of an Autopatch group have taught about quality updates. */
export async function learnedHistory(_groupId: string): Promise<WhatIfHistory> {
  return NO_HISTORY;
}
