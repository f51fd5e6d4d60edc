import { expect, test } from "vitest";
import { bodies, codeOf, receiveOne, startBroker } from "./support.js";

const queueWith = (...sent: unknown[]) => queueWithLock(60, ...sent);

/** @param lockDurationSeconds short for tests of expiry; long enough elsewhere for the slowest machine */
async function queueWithLock(lockDurationSeconds: number, ...sent: unknown[]) {
  const all = await startBroker([{ queue: "q", maxDeliveryCount: 3, lockDurationSeconds }]);
  if (sent.length > 0) await all.client.createSender("q").sendMessages(sent.map((body) => ({ body })));
  return {
    ...all,
    receiver: all.client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 }),
    deadLetters: all.client.createReceiver("q", { subQueueType: "deadLetter" }),
  };
}

test("a message comes with its body, properties and a delivery count of zero", async () => {
  const { client, receiver } = await queueWith();
  const sent = { body: { a: 1 }, messageId: "m1", subject: "s", correlationId: "c", contentType: "application/json" };
  await client.createSender("q").sendMessages({ ...sent, applicationProperties: { n: 1.5, t: "x" } });
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({ ...sent, applicationProperties: { n: 1.5, t: "x" }, deliveryCount: 0 });
  expect(message.sequenceNumber?.toNumber()).toBe(1);
});

test("a completed message is gone", async () => {
  const { broker, receiver } = await queueWith("one");
  await receiver.completeMessage(await receiveOne(receiver));
  expect(broker.counts("q").active).toBe(0);
});

test("an abandoned message comes again with a higher count and the changed properties", async () => {
  const { receiver } = await queueWith("one");
  await receiver.abandonMessage(await receiveOne(receiver), { tried: "yes" });
  expect(await receiveOne(receiver)).toMatchObject({ deliveryCount: 1, applicationProperties: { tried: "yes" } });
});

test("a deferred message is received by its number only", async () => {
  const { receiver } = await queueWith("one");
  const message = await receiveOne(receiver);
  await receiver.deferMessage(message);
  expect(await bodies(receiver)).toEqual([]);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber ?? []);
  expect(deferred).toMatchObject({ body: "one", state: "deferred" });
});

test("a deferred message can be completed", async () => {
  const { broker, receiver } = await queueWith("one");
  const message = await receiveOne(receiver);
  await receiver.deferMessage(message);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber ?? []);
  if (deferred !== undefined) await receiver.completeMessage(deferred);
  expect(broker.counts("q")).toMatchObject({ active: 0, deferred: 0 });
});

test("a dead-lettered message carries its reason, description and source", async () => {
  const { receiver, deadLetters } = await queueWith("one");
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: "bad",
    deadLetterErrorDescription: "very bad",
  });
  expect(await receiveOne(deadLetters)).toMatchObject({
    body: "one",
    deadLetterReason: "bad",
    deadLetterErrorDescription: "very bad",
    deadLetterSource: "q",
  });
});

test("a message that fails too often is dead-lettered", async () => {
  const { receiver, deadLetters } = await queueWith("one");
  for (let i = 0; i < 3; i++) await receiver.abandonMessage(await receiveOne(receiver));
  expect(await receiveOne(deadLetters)).toMatchObject({ deadLetterReason: "MaxDeliveryCountExceeded" });
});

test("settling after the lock has expired fails with MessageLockLost", async () => {
  const { receiver } = await queueWithLock(0.3, "one");
  const message = await receiveOne(receiver);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await codeOf(receiver.completeMessage(message))).toBe("MessageLockLost");
});

test("a message whose lock expires comes again with a higher count", async () => {
  const { receiver } = await queueWithLock(0.3, "one");
  await receiveOne(receiver);
  expect(await receiveOne(receiver)).toMatchObject({ body: "one", deliveryCount: 1 });
});

test("a renewed lock outlives its first duration", async () => {
  const { broker, receiver } = await queueWithLock(4, "one");
  const message = await receiveOne(receiver);
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await receiver.renewMessageLock(message);
  }
  await receiver.completeMessage(message);
  expect(broker.counts("q").active).toBe(0);
});

test("receive and delete takes the message for good", async () => {
  const { broker, client } = await queueWith("one", "two");
  const receiver = client.createReceiver("q", { receiveMode: "receiveAndDelete" });
  expect(await bodies(receiver)).toEqual(["one", "two"]);
  expect(broker.counts("q").active).toBe(0);
});

test("a subscriber gets every message and completes it by itself", async () => {
  const { broker, receiver } = await queueWith("one", "two", "three");
  const got: unknown[] = [];
  receiver.subscribe({ processMessage: async ({ body }) => void got.push(body), processError: async () => undefined });
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(got).toEqual(["one", "two", "three"]);
});

test("what a lost client had in hand is available again at once", async () => {
  const { client, broker } = await queueWith("one");
  await receiveOne(client.createReceiver("q"));
  await client.close();
  await expect.poll(() => broker.isQuiet()).toBe(true);
  expect(broker.peek("q")).toMatchObject([{ body: "one", deliveryCount: 1 }]);
});

test("settled deliveries make room in the session, however many there have been", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }], { maxUnsettled: 8 });
  await client.createSender("q").sendMessages(Array.from({ length: 40 }, (_, body) => ({ body })));
  const receiver = client.createReceiver("q", { maxAutoLockRenewalDurationInMs: 0 });
  const received: unknown[] = [];
  for (let n = 0; n < 40; n++) {
    const message = await receiveOne(receiver);
    received.push(message.body);
    if (n % 2 === 0) await receiver.completeMessage(message);
    else await receiver.deadLetterMessage(message);
  }
  expect(received).toEqual(Array.from({ length: 40 }, (_, body) => body));
  expect(broker.counts("q")).toMatchObject({ active: 0, deadLettered: 20 });
});
