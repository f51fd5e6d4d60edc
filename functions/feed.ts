import { app, type InvocationContext } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { follow, hasGrown } from "../shared/feed/feed.js";
import { CHANGES_QUEUE, noteMissed, takeMissed } from "../shared/feed/nudge.js";
import { messagesFollower } from "../shared/messages/follower.js";
import { webhooksFollower } from "../shared/webhooks/outbound/follower.js";

/** Those who follow the audit log, each at its own pace. */
const FOLLOWERS = [messagesFollower, webhooksFollower];

/** Soon after a change: all changes of a minute come as one message. */
app.serviceBusQueue("changes", {
  connection: "ServiceBus",
  queueName: CHANGES_QUEUE,
  cardinality: "many",
  handler: (_messages, context) => followAll(context, false),
});

/**
 * Every hour, for what nobody was told of. What another instance failed to tell only the log itself knows, so it is asked:
 * an hour without news costs one small read.
 */
app.timer("changesHourly", {
  schedule: "0 55 * * * *",
  handler: async (_timer, context) => {
    if (takeMissed() || (await hasGrown(clock.now()))) await followAll(context, true);
  },
});

/** One follower that cannot go on does not keep the others from going on; then the message comes again. */
async function followAll(context: InvocationContext, thorough: boolean): Promise<void> {
  try {
    const { failures } = await follow(FOLLOWERS, clock.now(), thorough);
    const [first] = failures;
    if (first !== undefined) throw first;
  } catch (error) {
    noteMissed();
    context.warn(`feed: not everything could be followed: ${error instanceof Error ? error.message : error}`);
    throw error;
  }
}
