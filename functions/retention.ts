import { app, type InvocationContext } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { config } from "../shared/config.js";
import { forgetKeys } from "../shared/idempotency/store.js";
import { inTurn } from "../shared/in-turn.js";
import { ledger } from "../shared/ledger/index.js";
import { listReleases } from "../shared/releases/store.js";
import { dropOldRequests } from "../shared/support/store.js";
import { wall } from "../shared/wall.js";
import { dropDeliveries } from "../shared/webhooks/outbound/deliveries.js";
import { listWebhooks } from "../shared/webhooks/outbound/webhook.js";
import { forgetSignatures } from "../shared/webhooks/replay.js";

/**
 * Every day: device rows go 90 days after their release has ended, counters stay (design.md §3.1); support requests six
 * months after they were closed (autopatch.md §11); deliveries to webhooks after 30 days; signatures of inbound webhooks
 * once they are too old to be taken again; old idempotency keys. What cannot be deleted keeps nothing else.
 */
app.timer("retention", {
  schedule: "0 20 4 * * *",
  handler: (_timer, context) =>
    inTurn([
      async () => {
        if (config().EXPEDITE_WEBHOOK_SECRET !== undefined) await forgetSignatures(wall.now());
      },
      () => forgetKeys(wall.now()),
      async () => {
        for (const { id } of await listWebhooks()) await dropDeliveries(id, clock.now());
      },
      async () => {
        for (const id of await dropOldRequests(clock.now())) context.log(`retention: support request ${id} is deleted`);
      },
      () => dropDevices(context),
    ]),
});

async function dropDevices(context: InvocationContext): Promise<void> {
  const books = await ledger();
  const drop = async (id: string) => {
    if (!(await books.dropExpiredDevices(id, clock.now()))) return;
    context.log(`retention: device rows of ${id} are deleted; its counters stay`);
  };
  const ended = (await listReleases()).filter(({ endedAt }) => endedAt !== null);
  await inTurn(
    ended.map(
      ({ id }) =>
        () =>
          drop(id),
    ),
  );
}
