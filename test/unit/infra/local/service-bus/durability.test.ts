import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Broker, type EntityConfig } from "../../../../../infra/local/service-bus/index.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import { connect, later, receiveOne, START } from "./support.js";

const QUEUE: EntityConfig[] = [{ queue: "q", maxDeliveryCount: 3, duplicateDetectionMinutes: 10 }];

/** A broker that can be stopped and started again on the same journal. */
async function durable(entities: EntityConfig[] = QUEUE) {
  const folder = mkdtempSync(join(tmpdir(), "broker-"));
  later(async () => rmSync(folder, { recursive: true }));
  const journal = join(folder, "broker.jsonl");
  const clock = new VirtualClock(START);
  const start = async () => {
    const broker = await Broker.start({ clock, entities, journal });
    const client = connect(broker);
    const stop = async () => {
      await client.close();
      await broker.stop();
    };
    later(stop);
    return { broker, client, stop };
  };
  return { journal, clock, start };
}

const content = (broker: Broker, address = "q") => broker.peek(address).map(({ body }) => body);

test("accepted messages survive a restart", async () => {
  const { start } = await durable();
  const first = await start();
  await first.client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  await first.stop();
  expect(content((await start()).broker)).toEqual([1, 2]);
});

test("an acknowledged send is in the file before the sender hears of it", async () => {
  const { journal, start } = await durable();
  const { client } = await start();
  await client.createSender("q").sendMessages({ body: 1, messageId: "written" });
  expect(readFileSync(journal, "utf8")).toContain("written");
});

test("completed messages stay gone after a restart", async () => {
  const { start } = await durable();
  const { client, stop } = await start();
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = client.createReceiver("q");
  await receiver.completeMessage(await receiveOne(receiver));
  await stop();
  expect(content((await start()).broker)).toEqual([2]);
});

test("what was in a receiver's hands when the process died has failed one delivery", async () => {
  const { journal, start } = await durable();
  const { client, stop } = await start();
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  await receiveOne(client.createReceiver("q"));
  const asKilled = readFileSync(journal);
  await stop();
  writeFileSync(journal, asKilled);
  const counts = (await start()).broker.peek("q").map(({ deliveryCount }) => deliveryCount);
  expect(counts).toEqual([1, 0]);
});

test("a torn last line counts as never sent", async () => {
  const { journal, start } = await durable();
  const first = await start();
  await first.client.createSender("q").sendMessages({ body: 1 });
  await first.stop();
  appendFileSync(journal, '[{"op":"put","entity":"q","message":{"sequ');
  const second = await start();
  await second.client.createSender("q").sendMessages({ body: 2 });
  await second.stop();
  expect(content((await start()).broker)).toEqual([1, 2]);
});

test("deferred messages, dead letters and their reasons survive", async () => {
  const { start } = await durable();
  const { client, stop } = await start();
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = client.createReceiver("q");
  await receiver.deferMessage(await receiveOne(receiver));
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: "bad",
    deadLetterErrorDescription: "so bad",
  });
  await stop();
  const again = (await start()).broker;
  expect(again.counts("q")).toEqual({ active: 0, deferred: 1, scheduled: 0, deadLettered: 1 });
  expect(again.peek("q/$DeadLetterQueue")[0]?.applicationProperties).toMatchObject({ DeadLetterReason: "bad" });
});

test("scheduled messages appear in time after a restart", async () => {
  const { clock, start } = await durable();
  const first = await start();
  await first.client.createSender("q").scheduleMessages({ body: 1 }, new Date(START + 1000));
  await first.stop();
  const { broker } = await start();
  expect(broker.counts("q").scheduled).toBe(1);
  clock.advance(START + 1000);
  expect(content(broker)).toEqual([1]);
});

test("duplicates are still known after a restart", async () => {
  const { start } = await durable();
  const first = await start();
  await first.client.createSender("q").sendMessages({ body: 1, messageId: "m" });
  await first.stop();
  const { broker, client } = await start();
  await client.createSender("q").sendMessages({ body: 2, messageId: "m" });
  expect(content(broker)).toEqual([1]);
});

test("sequence numbers go on after a restart", async () => {
  const { start } = await durable();
  const first = await start();
  await first.client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  await first.stop();
  const { broker, client } = await start();
  await client.createSender("q").sendMessages({ body: 3 });
  expect(broker.peek("q").map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

test("session state and rules survive", async () => {
  const { start } = await durable([
    { queue: "s", requiresSession: true },
    { topic: "t", subscriptions: [{ name: "x" }] },
  ]);
  const first = await start();
  await (await first.client.acceptSession("s", "a")).setSessionState("state");
  await first.client.createRuleManager("t", "x").deleteRule("$Default");
  await first.stop();
  const { broker, client } = await start();
  expect(await (await client.acceptSession("s", "a")).getSessionState()).toBe("state");
  await client.createSender("t").sendMessages({ body: 1 });
  expect(broker.counts("t/Subscriptions/x").active).toBe(0);
});

test("the journal is compacted when most of it is garbage, and loses nothing", async () => {
  const { journal, start } = await durable([{ queue: "busy" }, { queue: "kept" }]);
  const { client, stop } = await start();
  await client.createSender("kept").sendMessages({ body: "kept" });
  const sender = client.createSender("busy");
  const receiver = client.createReceiver("busy", { receiveMode: "receiveAndDelete" });
  for (let i = 0; i < 20; i++) {
    await sender.sendMessages({ body: "x".repeat(200_000) });
    await receiveOne(receiver);
  }
  expect(statSync(journal).size).toBeLessThan(4 * 1024 * 1024);
  await stop();
  const { broker } = await start();
  expect(content(broker, "kept")).toEqual(["kept"]);
  expect(broker.counts("busy").active).toBe(0);
});
