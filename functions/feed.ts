import { app, type InvocationContext } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { follow, hasGrown } from "../shared/feed/feed.js";
import { CHANGES_QUEUE, noteMissed, takeMissed } from "../shared/feed/nudge.js";
import { messagesFollower } from "../shared/messages/follower.js";
import { webhooksFollower } from "../shared/webhooks/outbound/follower.js";

/** Those who follow the audit log, each at its own pace. */
const FOLLOWERS = [messagesFollower, webhooksFollower];

/** How often (hours) the log itself is asked whether it has grown: another instance may have ended before it told. */
const CERTAIN_HOURS = 6;

/** Soon after a change: all changes of a minute come as one message. */
app.serviceBusQueue("changes", {
  connection: "ServiceBus",
  queueName: CHANGES_QUEUE,
  cardinality: "many",
  handler: (_messages, context) => followAll(context, false),
});

/** Every hour, for what nobody was told of; when there was nothing of that kind it reads nothing. */
app.timer("changesHourly", {
  schedule: "0 55 * * * *",
  handler: async (_timer, context) => {
    const now = clock.now();
    const asks = new Date(now).getUTCHours() % CERTAIN_HOURS === 0;
    if (takeMissed() || (asks && (await hasGrown(now)))) await followAll(context, true);
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
