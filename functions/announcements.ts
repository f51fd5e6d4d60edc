import { app, type InvocationContext } from "@azure/functions";
import { lookAtAnnouncements } from "../shared/announcements/look.js";
import { clock } from "../shared/clock.js";
import { AppError } from "../shared/errors.js";
import { graphClient } from "../shared/graph/client.js";
import { isServed, tenantState } from "../shared/tenant/state.js";

/** Every day, what Microsoft says of the releases; in the evening of Patch Tuesday twice more, when most is said. */
app.timer("announcementsDaily", { schedule: "0 25 6 * * *", handler: (_timer, context) => look(context) });
app.timer("announcementsPatchTuesday", {
  schedule: "0 25 20,23 8-14 * Tue",
  handler: (_timer, context) => look(context),
});

/** An outage waits until the next time: nothing else depends on it. */
async function look(context: InvocationContext): Promise<void> {
  if (!isServed(await tenantState())) return;
  try {
    const kept = await lookAtAnnouncements(graphClient(), clock.now());
    if (kept > 0) context.log(`announcements: ${kept} new or changed`);
  } catch (error) {
    if (!(error instanceof AppError && error.retryable)) throw error;
    context.warn(`announcements: ${error.message}`);
  }
}
