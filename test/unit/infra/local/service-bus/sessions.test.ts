import { expect, test } from "vitest";
import { bodies, codeOf, startBroker } from "./support.js";

async function withSessions(lockDurationSeconds = 60) {
  const all = await startBroker([{ queue: "q", requiresSession: true, lockDurationSeconds }]);
  const send = (sessionId: string, ...sent: unknown[]) =>
    all.client.createSender("q").sendMessages(sent.map((body) => ({ body, sessionId })));
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  return { ...all, send, options };
}

test("a session receiver gets the messages of its session only, in order", async () => {
  const { client, send, options } = await withSessions();
  await send("a", 1, 2);
  await send("b", 3);
  await send("a", 4);
  expect(await bodies(await client.acceptSession("q", "a", options))).toEqual([1, 2, 4]);
});

test("accepting the next session takes the one with the oldest message", async () => {
  const { client, send, options } = await withSessions();
  await send("b", 1);
  await send("a", 2);
  const first = await client.acceptNextSession("q", options);
  const second = await client.acceptNextSession("q", options);
  expect([first.sessionId, second.sessionId]).toEqual(["b", "a"]);
});

test("accepting the next session waits for a message", async () => {
  const { client, send, options } = await withSessions();
  const accepted = client.acceptNextSession("q", options);
  await send("late", 1);
  expect((await accepted).sessionId).toBe("late");
});

test("a session that somebody has cannot be accepted", async () => {
  const { client, options } = await withSessions();
  await client.acceptSession("q", "a", options);
  expect(await codeOf(client.acceptSession("q", "a", options))).toBe("SessionCannotBeLocked");
});

test("closing the receiver frees the session and its messages", async () => {
  const { client, send, options } = await withSessions();
  await send("a", 1);
  const first = await client.acceptSession("q", "a", options);
  await first.receiveMessages(1);
  await first.close();
  const [message] = await (await client.acceptSession("q", "a", options)).receiveMessages(1);
  expect(message).toMatchObject({ body: 1, deliveryCount: 1 });
});

test("the session's lock ends when the broker says", async () => {
  const { client, options } = await withSessions();
  const receiver = await client.acceptSession("q", "a", options);
  const remaining = receiver.sessionLockedUntilUtc.getTime() - Date.now();
  expect(remaining).toBeGreaterThan(0);
  expect(remaining).toBeLessThanOrEqual(60_000);
});

test("a renewed session lock ends later", async () => {
  const { client, options } = await withSessions();
  const receiver = await client.acceptSession("q", "a", options);
  const before = receiver.sessionLockedUntilUtc.getTime();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await receiver.renewSessionLock()).getTime()).toBeGreaterThan(before);
});

test("session state is kept for the next owner", async () => {
  const { client, options } = await withSessions();
  const first = await client.acceptSession("q", "a", options);
  await first.setSessionState({ step: 2 });
  await first.close();
  expect(await (await client.acceptSession("q", "a", options)).getSessionState()).toEqual({ step: 2 });
});

test("a lost session lock gives the session and its messages to others", async () => {
  const { client, send, options } = await withSessions(1);
  await send("a", 1);
  const first = await client.acceptSession("q", "a", options);
  const [message] = await first.receiveMessages(1);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await bodies(await client.acceptSession("q", "a", options))).toEqual([1]);
  expect(message === undefined ? "none" : await codeOf(first.completeMessage(message))).toBe("SessionLockLost");
});

test("a message of a session can be completed, deferred and received by number", async () => {
  const { broker, client, send, options } = await withSessions();
  await send("a", 1, 2);
  const receiver = await client.acceptSession("q", "a", options);
  const [one, two] = await receiver.receiveMessages(2);
  if (one === undefined || two === undefined) throw new Error("Two messages were sent.");
  await receiver.completeMessage(one);
  await receiver.deferMessage(two);
  const [deferred] = await receiver.receiveDeferredMessages(two.sequenceNumber ?? []);
  if (deferred !== undefined) await receiver.completeMessage(deferred);
  expect(broker.counts("q")).toMatchObject({ active: 0, deferred: 0 });
});

test("a message without a session is refused", async () => {
  const { client } = await withSessions();
  expect(await codeOf(client.createSender("q").sendMessages({ body: 1 }))).toBe("GeneralError");
});

test("a receiver without a session is refused", async () => {
  const { client } = await withSessions();
  await expect(client.createReceiver("q").receiveMessages(1)).rejects.toThrow(/requires sessions/);
});
