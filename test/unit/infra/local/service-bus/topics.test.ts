import { expect, test } from "vitest";
import { bodies, codeOf, START, startBroker } from "./support.js";

const topic = { topic: "t", subscriptions: [{ name: "s1" }, { name: "s2" }] };

test("every subscription gets its own copy", async () => {
  const { broker, client } = await startBroker([topic]);
  await client.createSender("t").sendMessages([{ body: 1 }, { body: 2 }]);
  expect(await bodies(client.createReceiver("t", "s1", { receiveMode: "receiveAndDelete" }))).toEqual([1, 2]);
  expect(broker.counts("t/Subscriptions/s1").active).toBe(0);
  expect(broker.counts("t/subscriptions/s2").active).toBe(2);
});

test("a message scheduled on a topic reaches its subscriptions in time", async () => {
  const { broker, clock, client } = await startBroker([topic]);
  await client.createSender("t").scheduleMessages({ body: 1 }, new Date(START + 1000));
  expect(broker.counts("t").scheduled).toBe(1);
  clock.advance(START + 1000);
  expect(broker.counts("t/Subscriptions/s1").active).toBe(1);
});

test("a subscription has a dead-letter queue of its own", async () => {
  const { broker, client } = await startBroker([topic]);
  await client.createSender("t").sendMessages({ body: 1 });
  const receiver = client.createReceiver("t", "s1");
  for (const message of await receiver.receiveMessages(1)) await receiver.deadLetterMessage(message);
  expect(broker.counts("t/Subscriptions/s1").deadLettered).toBe(1);
  expect(await bodies(client.createReceiver("t", "s1", { subQueueType: "deadLetter" }))).toEqual([1]);
});

test("a subscription takes only what its configured rules match", async () => {
  const { broker, client } = await startBroker([
    {
      topic: "t",
      subscriptions: [
        { name: "subject", rules: { only: { subject: "a" } } },
        { name: "property", rules: { only: { properties: { ring: 2 } } } },
        { name: "sql", rules: { only: { sql: "ring = 2 AND sys.Label <> 'b'" } } },
        { name: "none", rules: { none: false } },
      ],
    },
  ]);
  await client.createSender("t").sendMessages([
    { body: 1, subject: "a", applicationProperties: { ring: 1 } },
    { body: 2, subject: "b", applicationProperties: { ring: 2 } },
    { body: 3, subject: "a", applicationProperties: { ring: 2 } },
  ]);
  const got = (name: string) => broker.peek(`t/Subscriptions/${name}`).map(({ body }) => body);
  expect([got("subject"), got("property"), got("sql"), got("none")]).toEqual([[1, 3], [2, 3], [3], []]);
});

test("rules can be listed, added and removed", async () => {
  const { broker, client } = await startBroker([topic]);
  const rules = client.createRuleManager("t", "s1");
  await rules.createRule("big", { applicationProperties: { size: "big" } });
  await rules.createRule("sql", { sqlExpression: "size = 'huge'" });
  await rules.deleteRule("$Default");
  const names: unknown[] = [];
  for await (const rule of rules.listRules()) names.push([rule.name, rule.filter]);
  expect(names).toMatchObject([
    ["big", { applicationProperties: { size: "big" } }],
    ["sql", { sqlExpression: "size = 'huge'" }],
  ]);
  const sizes = ["big", "small", "huge"];
  await client.createSender("t").sendMessages(sizes.map((size) => ({ body: size, applicationProperties: { size } })));
  expect(broker.peek("t/Subscriptions/s1").map(({ body }) => body)).toEqual(["big", "huge"]);
});

test("SQL beyond the subset is refused", async () => {
  const { client } = await startBroker([topic]);
  const rules = client.createRuleManager("t", "s1");
  await expect(rules.createRule("odd", { sqlExpression: "size LIKE 'b%'" })).rejects.toThrow(/= and <>/);
});

test("an unknown subscription fails with MessagingEntityNotFound", async () => {
  const { client } = await startBroker([topic]);
  expect(await codeOf(client.createReceiver("t", "s3").receiveMessages(1))).toBe("MessagingEntityNotFound");
});
