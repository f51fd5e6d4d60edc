import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { inTurn } from "../shared/in-turn.js";
import { goOnWithApprovals } from "../workflows/activities/approval.js";
import { startUnfinished } from "../workflows/activities/catalogue.js";
import { startUnfinishedExpedites } from "../workflows/activities/expedite.js";
import { goOnWithSwitches } from "../workflows/group-start.js";

/** Every hour, should an expedite, a question or the switch of an app have lost its wake, or its orchestration have failed: people
 * wait for them. */
df.app.client.timer("unfinishedHourly", {
  schedule: "0 40 * * * *",
  handler: (_timer, given) => {
    const client = given as df.DurableClient;
    return inTurn([
      () => startUnfinishedExpedites(client),
      () => goOnWithApprovals(client),
      () => goOnWithSwitches(client, clock.now()),
    ]);
  },
});

/** Four times a day, should a release have been written but never started, or its orchestration have ended too early. */
df.app.client.timer("unfinishedReleases", {
  schedule: "0 45 3,9,15,21 * * *",
  handler: async (_timer, client) => startUnfinished(client as df.DurableClient),
});
