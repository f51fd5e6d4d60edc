import { expect, test } from "vitest";
import {
  type ListenOptions,
  listen,
  type ReceivedMessage,
} from "../../../../../../infra/local/host/triggers/service-bus.js";
import { Broker } from "../../../../../../infra/local/service-bus/index.js";
import { VirtualClock } from "../../../../../../infra/local/time/virtual-clock.js";
import { connect, later, startBroker } from "../../service-bus/support.js";

const bodiesOf = (messages: ReceivedMessage[]) => messages.map(({ body }) => JSON.parse(String(body)));

async function started(options: Partial<ListenOptions> = {}, entity = {}) {
  const all = await startBroker([{ queue: "q", maxDeliveryCount: 3, ...entity }]);
  const calls: ReceivedMessage[][] = [];
  const errors: Error[] = [];
  const start = (more: Partial<ListenOptions> = {}) =>
    startListening(all.broker, { handle: async (messages) => void calls.push(messages), ...options, ...more }, errors);
  const send = (...sent: unknown[]) => all.client.createSender("q").sendMessages(sent.map((body) => ({ body })));
  return { ...all, calls, errors, start, send };
}

async function startListening(broker: Broker, options: Partial<ListenOptions>, errors: Error[]) {
  const listener = await listen({
    connectionString: broker.connectionString,
    address: "q",
    maxBatch: 10,
    maxBatchWaitMs: 0,
    maxConcurrent: 1,
    cardinality: "many",
    autoComplete: true,
    onError: (error) => errors.push(error),
    handle: async () => undefined,
    ...options,
  });
  later(() => listener.close());
  return listener;
}

test("a batch is exactly what is available when it begins", async () => {
  const { broker, send, start, calls } = await started();
  await send(1, 2, 3);
  await start();
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(calls.map(bodiesOf)).toEqual([[1, 2, 3]]);
});

test("a batch never has more than the maximum", async () => {
  const { broker, send, start, calls } = await started({ maxBatch: 2 });
  await send(1, 2, 3, 4, 5);
  await start();
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(calls.map(bodiesOf)).toEqual([[1, 2], [3, 4], [5]]);
});

test("a listener goes on beyond what one session may hold unsettled", async () => {
  const { broker, client } = await startBroker([{ queue: "q" }], { maxUnsettled: 8 });
  await client.createSender("q").sendMessages(Array.from({ length: 60 }, (_, body) => ({ body })));
  const received: unknown[] = [];
  await startListening(broker, { handle: async (messages) => void received.push(...bodiesOf(messages)) }, []);
  await expect.poll(() => broker.counts("q").active, { timeout: 10_000 }).toBe(0);
  expect(received).toEqual(Array.from({ length: 60 }, (_, body) => body));
});

test("messages sent while the broker holds make one batch", async () => {
  const { broker, send, start, calls } = await started();
  await start();
  broker.hold();
  await send(1);
  await send(2, 3);
  broker.release();
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(calls.map(bodiesOf)).toEqual([[1, 2, 3]]);
});

test("a message carries the trigger metadata with a delivery count from one", async () => {
  const { client, start, calls } = await started();
  await client.createSender("q").sendMessages({
    body: "x",
    messageId: "m",
    subject: "s",
    contentType: "text/plain",
    applicationProperties: { n: 1 },
  });
  await start();
  await expect.poll(() => calls.length).toBe(1);
  expect(calls[0]?.[0]?.metadata).toMatchObject({
    MessageId: "m",
    DeliveryCount: 1,
    SequenceNumber: 1,
    Subject: "s",
    Label: "s",
    ContentType: "text/plain",
    EnqueuedTimeUtc: "2026-01-01T00:00:00.000Z",
    ExpiresAtUtc: "9999-12-31T23:59:59.999Z",
    ApplicationProperties: { n: 1 },
    UserProperties: { n: 1 },
    LockToken: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  });
});

test("a handler that throws gets the whole batch again with a higher count", async () => {
  const counts: unknown[] = [];
  const handle = async (messages: ReceivedMessage[]) => {
    counts.push(messages.map(({ metadata }) => metadata.DeliveryCount));
    if (counts.length === 1) throw new Error("no");
  };
  const { broker, send, start } = await started({ handle });
  await send(1, 2);
  await start();
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(counts).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test("a message whose handler always throws ends in the dead-letter queue", async () => {
  const { broker, send, start } = await started({ handle: () => Promise.reject(new Error("no")) });
  await send("bad");
  await start();
  await expect.poll(() => broker.counts("q")).toMatchObject({ active: 0, deadLettered: 1 });
});

test("one-by-one messages are handled at most maxConcurrent at a time", async () => {
  let running = 0;
  let most = 0;
  const handle = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 30));
    running--;
  };
  const { broker, send, start } = await started({ handle, cardinality: "one", maxBatch: 1, maxConcurrent: 2 });
  await send(1, 2, 3, 4, 5);
  await start();
  await expect.poll(() => broker.counts("q").active).toBe(0);
  expect(most).toBe(2);
});

test("the lock of a one-by-one message is renewed while its handler runs", async () => {
  const handle = () => new Promise<void>((resolve) => setTimeout(resolve, 5_000));
  const entity = { lockDurationSeconds: 3 };
  const { broker, send, start, errors } = await started({ handle, cardinality: "one", maxBatch: 1 }, entity);
  await send(1);
  await start();
  await expect.poll(() => broker.counts("q").active, { timeout: 20_000 }).toBe(0);
  expect(errors).toEqual([]);
});

test("without autoComplete a handled message stays locked", async () => {
  const { broker, send, start, calls } = await started({ autoComplete: false });
  await send(1);
  const listener = await start();
  await expect.poll(() => calls.length).toBe(1);
  await expect.poll(() => listener.idle()).toBe(true);
  expect(broker.counts("q").active).toBe(1);
});

test("closing waits for the handler and completes its messages", async () => {
  let finish: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let entered = false;
  const handle = async () => {
    entered = true;
    await begun;
  };
  const { broker, send, start } = await started({ handle });
  await send(1);
  const listener = await start();
  await expect.poll(() => entered).toBe(true);
  const closed = listener.close();
  expect(listener.idle()).toBe(false);
  finish();
  await closed;
  expect(broker.counts("q").active).toBe(0);
});

test("a closed listener takes nothing more", async () => {
  const { broker, send, start, calls } = await started();
  const listener = await start();
  await listener.close();
  await send(1);
  expect(broker.isQuiet()).toBe(true);
  expect(calls).toEqual([]);
});

test("a listener comes back when the broker restarts", async () => {
  const { broker, start, calls } = await started();
  await start();
  const { port } = broker;
  await broker.stop();
  const again = await Broker.start({ clock: new VirtualClock(0), entities: [{ queue: "q" }], port });
  later(() => again.stop());
  await connect(again).createSender("q").sendMessages({ body: "back" });
  await expect.poll(() => calls.map(bodiesOf), { timeout: 5_000 }).toEqual([["back"]]);
});

test("an unknown entity is reported and tried again", async () => {
  const { start, errors } = await started();
  await start({ address: "nowhere" });
  expect(errors[0]?.message).toContain("amqp:not-found");
  await expect.poll(() => errors.length).toBeGreaterThan(1);
});

test("it listens on a dead-letter queue", async () => {
  const { send, start, calls, client } = await started();
  await send("one");
  const receiver = client.createReceiver("q");
  for (const message of await receiver.receiveMessages(1)) await receiver.deadLetterMessage(message);
  await start({ address: "q/$DeadLetterQueue" });
  await expect.poll(() => calls.map(bodiesOf)).toEqual([["one"]]);
  expect(calls[0]?.[0]?.metadata).toMatchObject({ DeadLetterSource: "q" });
});
