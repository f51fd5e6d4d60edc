import * as df from "durable-functions";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../infra/local/durable/index.js";
import { Mailbox, nowOf } from "../../../workflows/durable.js";
import { Hub } from "../infra/local/durable/hub.js";
import { invokerOf } from "../infra/local/durable/invoker.js";

const HOUR = 3_600;

/** Waits for an hour as often as `waits` says, works for ten minutes after each, and says what it heard when. */
function register(): void {
  df.app.orchestration("listener", function* (ctx) {
    const mailbox = new Mailbox(ctx, "wake");
    const start = nowOf(ctx);
    const heard: (number | null)[] = [];
    for (let wait = 0; wait < (ctx.df.getInput() as number); wait++) {
      const woken = yield* mailbox.next(nowOf(ctx) + HOUR * 1000);
      heard.push(woken ? (nowOf(ctx) - start) / 1000 : null);
      yield ctx.df.createTimer(new Date(nowOf(ctx) + 600_000));
    }
    return heard;
  });
}

/** What a listener heard that waited `waits` times while events came at these seconds. */
async function heardOf(waits: number, events: readonly number[]): Promise<unknown> {
  const hub = await Hub.start(memoryStore(), invokerOf(register));
  const id = await hub.start("listener", waits);
  for (const at of events) {
    await hub.run(at);
    await hub.raise(id, "wake", {});
  }
  await hub.run();
  return hub.outputOf(id);
}

describe("an event that comes while something else is under way", () => {
  it("is heard as soon as that has ended", async () => {
    expect(await heardOf(2, [HOUR + 300])).toEqual([null, HOUR + 600]);
  });

  it("is heard after many vain waits and an event that was heard", async () => {
    const heard = 3 * HOUR + 1_800;
    expect(await heardOf(5, [heard, heard + 300])).toEqual([null, null, null, heard, heard + 600]);
  });

  it("is heard once", async () => {
    expect(await heardOf(3, [HOUR + 300])).toEqual([null, HOUR + 600, null]);
  });
});
