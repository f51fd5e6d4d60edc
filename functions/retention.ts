import { app } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { forgetKeys } from "../shared/idempotency/store.js";
import { ledger } from "../shared/ledger/index.js";
import { listReleases } from "../shared/releases/store.js";
import { wall } from "../shared/wall.js";

/** Every day: device rows go 90 days after their release has ended, counters stay (design.md §3.1). Old idempotency keys go. */
app.timer("retention", {
  schedule: "0 20 4 * * *",
  handler: async (_timer, context) => {
    const books = await ledger();
    for (const { id, endedAt } of await listReleases()) {
      if (endedAt === null || !(await books.dropExpiredDevices(id, clock.now()))) continue;
      context.log(`retention: device rows of ${id} are deleted; its counters stay`);
    }
    await forgetKeys(wall.now());
  },
});
