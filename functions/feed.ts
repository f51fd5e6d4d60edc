import { app, type InvocationContext } from "@azure/functions";
import { clock } from "../shared/clock.js";
import { follow } from "../shared/feed/feed.js";
import { CHANGES_QUEUE, noteMissed, takeMissed } from "../shared/feed/nudge.js";
import { messagesFollower } from "../shared/messages/follower.js";
import { webhooksFollower } from "../shared/webhooks/outbound/follower.js";

/** Those who follow the audit log, each at its own pace. */
const FOLLOWERS = [messagesFollower, webhooksFollower];

/** Hours of the day (UTC) at which the log is read whatever this instance knows: another one may have ended untold. */
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
    const certain = new Date(clock.now()).getUTCHours() % CERTAIN_HOURS === 0;
    if (takeMissed() || certain) await followAll(context, true);
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
