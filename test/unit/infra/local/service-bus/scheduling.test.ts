import { expect, test } from "vitest";
import { bodies, codeOf, receiveOne, START, startBroker } from "./support.js";

const HOUR = 3_600_000;

test("a scheduled message appears when domain time reaches it", async () => {
  const { broker, clock, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").scheduleMessages({ body: "later" }, new Date(START + HOUR));
  expect(broker.counts("q")).toMatchObject({ active: 0, scheduled: 1 });
  clock.advance(START + HOUR);
  const message = await receiveOne(client.createReceiver("q"));
  expect(message).toMatchObject({ body: "later", enqueuedTimeUtc: new Date(START + HOUR) });
});

test("a message sent with a scheduled time waits for it", async () => {
  const { broker, clock, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").sendMessages({ body: 1, scheduledEnqueueTimeUtc: new Date(START + HOUR) });
  clock.advance(START + HOUR - 1);
  expect(broker.counts("q")).toMatchObject({ active: 0, scheduled: 1 });
  clock.advance(START + HOUR);
  expect(broker.counts("q")).toMatchObject({ active: 1, scheduled: 0 });
});

test("a cancelled message never appears", async () => {
  const { broker, clock, client } = await startBroker([{ queue: "q" }]);
  const sender = client.createSender("q");
  await sender.cancelScheduledMessages(await sender.scheduleMessages({ body: 1 }, new Date(START + HOUR)));
  clock.advance(START + 2 * HOUR);
  expect(broker.counts("q")).toMatchObject({ active: 0, scheduled: 0 });
});

test("what has appeared cannot be cancelled", async () => {
  const { clock, client } = await startBroker([{ queue: "q" }]);
  const sender = client.createSender("q");
  const numbers = await sender.scheduleMessages({ body: 1 }, new Date(START + HOUR));
  clock.advance(START + HOUR);
  expect(await codeOf(sender.cancelScheduledMessages(numbers))).toBe("MessageNotFound");
});

test("an activated message gets a new sequence number and keeps the old one as enqueued number", async () => {
  const { clock, client } = await startBroker([{ queue: "q" }]);
  const sender = client.createSender("q");
  await sender.scheduleMessages({ body: "first scheduled" }, new Date(START + HOUR));
  await sender.sendMessages({ body: "second sent" });
  clock.advance(START + HOUR);
  const receiver = client.createReceiver("q");
  expect(await receiveOne(receiver)).toMatchObject({ body: "second sent" });
  const message = await receiveOne(receiver);
  expect([message.enqueuedSequenceNumber, message.sequenceNumber?.toNumber()]).toEqual([1, 3]);
});

test("a message expires in domain time", async () => {
  const { clock, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").sendMessages([{ body: "short", timeToLive: HOUR }, { body: "long" }]);
  clock.advance(START + HOUR);
  expect(await bodies(client.createReceiver("q"))).toEqual(["long"]);
});

test("the entity's default limits the time to live", async () => {
  const { clock, client } = await startBroker([{ queue: "q", defaultTtlSeconds: 60 }]);
  await client.createSender("q").sendMessages([{ body: "a", timeToLive: HOUR }, { body: "b" }]);
  clock.advance(START + 60_000);
  expect(await bodies(client.createReceiver("q"))).toEqual([]);
});

test("an expired message is dead-lettered where the entity says so", async () => {
  const { clock, client } = await startBroker([{ queue: "q", deadLetterOnExpiration: true }]);
  await client.createSender("q").sendMessages({ body: "short", timeToLive: HOUR });
  clock.advance(START + HOUR);
  expect(await bodies(client.createReceiver("q"))).toEqual([]);
  const deadLetters = client.createReceiver("q", { subQueueType: "deadLetter" });
  expect(await receiveOne(deadLetters)).toMatchObject({ body: "short", deadLetterReason: "TTLExpiredException" });
});

test("a message id seen within the window is dropped silently", async () => {
  const { broker, clock, client } = await startBroker([{ queue: "q", duplicateDetectionMinutes: 10 }]);
  const sender = client.createSender("q");
  await sender.sendMessages([
    { body: 1, messageId: "a" },
    { body: 2, messageId: "a" },
  ]);
  clock.advance(START + 9 * 60_000);
  await sender.sendMessages({ body: 3, messageId: "a" });
  expect(broker.peek("q").map(({ body }) => body)).toEqual([1]);
});

test("a message id may come again after the window", async () => {
  const { broker, clock, client } = await startBroker([{ queue: "q", duplicateDetectionMinutes: 10 }]);
  const sender = client.createSender("q");
  await sender.sendMessages({ body: 1, messageId: "a" });
  clock.advance(START + 10 * 60_000);
  await sender.sendMessages({ body: 2, messageId: "a" });
  expect(broker.peek("q").map(({ body }) => body)).toEqual([1, 2]);
});
