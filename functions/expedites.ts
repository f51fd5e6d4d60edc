import * as df from "durable-functions";
import { config } from "../shared/config.js";
import { wall } from "../shared/wall.js";
import { forgetSignatures } from "../shared/webhooks/replay.js";
import { startUnfinishedExpedites } from "../workflows/activities/expedite.js";

/** Every hour, should an expedite have been written and its wake have been lost; one query when there is none. */
df.app.client.timer("expeditesHourly", {
  schedule: "0 5 * * * *",
  handler: async (_timer, client) => {
    await startUnfinishedExpedites(client as df.DurableClient);
    if (config().EXPEDITE_WEBHOOK_SECRET !== undefined) await forgetSignatures(wall.now());
  },
});
