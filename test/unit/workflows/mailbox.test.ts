import * as df from "durable-functions";
import { expect, it } from "vitest";
import { memoryStore } from "../../../infra/local/durable/index.js";
import { Mailbox, nowOf } from "../../../workflows/durable.js";
import { Hub } from "../infra/local/durable/hub.js";
import { invokerOf } from "../infra/local/durable/invoker.js";

/** Waits in vain for an hour, works for ten minutes, and listens again for a day. */
function register(): void {
  df.app.orchestration("listener", function* (ctx) {
    const mailbox = new Mailbox(ctx, "wake");
    yield* mailbox.next(nowOf(ctx) + 3_600_000);
    yield ctx.df.createTimer(new Date(nowOf(ctx) + 600_000));
    return yield* mailbox.next(nowOf(ctx) + 86_400_000);
  });
}

it("an event that comes while something else is under way is heard as soon as that has ended", async () => {
  const hub = await Hub.start(memoryStore(), invokerOf(register));
  const id = await hub.start("listener");
  await hub.run(3_900);
  await hub.raise(id, "wake", {});
  await hub.run();
  expect([await hub.outputOf(id), hub.seconds]).toEqual([true, 4_200]);
});
