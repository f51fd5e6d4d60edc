import { expect, test } from "vitest";
import { bodies, codeOf, startBroker } from "./support.js";

test("the messages of a batch arrive one by one and in order", async () => {
  const { client } = await startBroker([{ queue: "q" }]);
  const sender = client.createSender("q");
  const batch = await sender.createMessageBatch();
  for (let n = 0; n < 500; n++) batch.tryAddMessage({ body: n });
  await sender.sendMessages(batch);
  expect(await bodies(client.createReceiver("q"), 500)).toEqual(Array.from({ length: 500 }, (_, n) => n));
});

test("a batch may be as large as the entity's message limit", async () => {
  const { client } = await startBroker([{ queue: "q" }, { queue: "large", maxMessageBytes: 1_048_576 }]);
  expect((await client.createSender("q").createMessageBatch()).maxSizeInBytes).toBe(262_144);
  expect((await client.createSender("large").createMessageBatch()).maxSizeInBytes).toBe(1_048_576);
});

test("a message above the limit is refused with MessageSizeExceeded", async () => {
  const { broker, client } = await startBroker([{ queue: "q", maxMessageBytes: 2048 }]);
  const send = client.createSender("q").sendMessages({ body: "x".repeat(3000) });
  expect(await codeOf(send)).toBe("MessageSizeExceeded");
  expect(broker.counts("q").active).toBe(0);
});

test("a batch above the limit is refused as a whole", async () => {
  const { broker, client } = await startBroker([{ queue: "q", maxMessageBytes: 2048 }]);
  const send = client.createSender("q").sendMessages([{ body: "x".repeat(1500) }, { body: "x".repeat(1500) }]);
  expect(await codeOf(send)).toBe("MessageSizeExceeded");
  expect(broker.counts("q").active).toBe(0);
});

test("a full entity refuses messages with QuotaExceeded", async () => {
  const { broker, client } = await startBroker([{ queue: "q", maxSizeBytes: 1000 }]);
  const sender = client.createSender("q");
  await sender.sendMessages({ body: "x".repeat(600) });
  expect(await codeOf(sender.sendMessages({ body: "x".repeat(600) }))).toBe("QuotaExceeded");
  expect(broker.counts("q").active).toBe(1);
});

test("room comes back when messages are completed", async () => {
  const { client } = await startBroker([{ queue: "q", maxSizeBytes: 1000 }]);
  const sender = client.createSender("q");
  await sender.sendMessages({ body: "x".repeat(600) });
  const receiver = client.createReceiver("q");
  for (const message of await receiver.receiveMessages(1)) await receiver.completeMessage(message);
  await expect(sender.sendMessages({ body: "x".repeat(600) })).resolves.toBeUndefined();
});

test("sending to an unknown entity fails with MessagingEntityNotFound", async () => {
  const { client } = await startBroker([{ queue: "q" }]);
  expect(await codeOf(client.createSender("nowhere").sendMessages({ body: 1 }))).toBe("MessagingEntityNotFound");
});

test("receiving from an unknown entity fails with MessagingEntityNotFound", async () => {
  const { client } = await startBroker([{ queue: "q" }]);
  expect(await codeOf(client.createReceiver("nowhere").receiveMessages(1))).toBe("MessagingEntityNotFound");
});

test("entity names are found in any case", async () => {
  const { broker, client } = await startBroker([{ queue: "Signals" }]);
  await client.createSender("sIGNALS").sendMessages({ body: 1 });
  expect(broker.counts("signals").active).toBe(1);
});

test("AMQP types of application properties survive the way through", async () => {
  const { client } = await startBroker([{ queue: "q" }]);
  const when = new Date(Date.UTC(2026, 1, 3));
  const applicationProperties = { n: 42, f: 1.5, b: true, t: "text", d: when, none: null };
  await client.createSender("q").sendMessages({ body: 1, applicationProperties });
  const [message] = await client.createReceiver("q").receiveMessages(1);
  expect(message?.applicationProperties).toMatchObject({ n: 42, f: 1.5, b: true, t: "text", none: null });
  expect(new Date(message?.applicationProperties?.d as number)).toEqual(when);
});

test("a message without an id gets one", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  const ids = broker.peek("q").map(({ messageId }) => messageId);
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(2);
});

test("peeking shows messages without taking them", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = client.createReceiver("q");
  expect((await receiver.peekMessages(2)).map(({ body }) => body)).toEqual([1, 2]);
  expect((await receiver.peekMessages(2)).map(({ body }) => body)).toEqual([3]);
  expect(broker.isQuiet()).toBe(true);
});

test("while the broker holds nothing is delivered", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }]);
  broker.hold();
  await client.createSender("q").sendMessages({ body: 1 });
  const receiver = client.createReceiver("q");
  expect(await bodies(receiver)).toEqual([]);
  broker.release();
  expect(await bodies(receiver)).toEqual([1]);
});

test("the broker is quiet only when nothing is locked and no receiver has something to get", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }]);
  await client.createSender("q").sendMessages([{ body: 1 }, { body: 2 }]);
  expect(broker.isQuiet()).toBe(true);
  const receiver = client.createReceiver("q");
  const messages = await receiver.receiveMessages(1);
  expect(broker.isQuiet()).toBe(false);
  for (const message of messages) await receiver.completeMessage(message);
  expect(broker.isQuiet()).toBe(false);
  await receiver.close();
  await expect.poll(() => broker.isQuiet()).toBe(true);
});

test("activity grows with every message in, delivery and settlement", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }]);
  const steps = [broker.activity()];
  await client.createSender("q").sendMessages({ body: 1 });
  steps.push(broker.activity());
  const receiver = client.createReceiver("q");
  const messages = await receiver.receiveMessages(1);
  steps.push(broker.activity());
  for (const message of messages) await receiver.completeMessage(message);
  steps.push(broker.activity());
  expect(steps).toEqual([0, 1, 2, 3]);
});
