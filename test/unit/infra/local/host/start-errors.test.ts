import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { fixtureApp, start, temporaryApp } from "./fixture.js";

const HOST_JSON = '{ "version": "2.0" }';
const MAIN = '{ "main": "index.js" }';

/** The message with which an app of one file `index.js` refuses to start. */
async function refusal(files: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const app = temporaryApp({ "host.json": HOST_JSON, "package.json": MAIN, ...files });
  const outcome = await start(app, { env }).then(
    async (host) => {
      await host.stop();
      return "it started";
    },
    (error: Error) => error.message,
  );
  expect(outcome).not.toContain("\n");
  return outcome;
}

const registering = (code: string) => ({ "index.js": `const { app, output } = require(FUNCTIONS);\n${code}` });
const handler = "handler: async () => {}";

describe("an app that cannot run stops the start with one line", () => {
  test.each([
    ["no package.json main", { "package.json": "{}" }, "package.json: main: expected a file or a glob"],
    [
      "main without a file",
      { "package.json": '{ "main": "dist/**/*.js" }' },
      'package.json: main: no file matches "dist/**/*.js"; is the app built?',
    ],
    [
      "a host.json with a wrong type",
      { "host.json": '{ "version": "2.0", "extensions": { "http": { "routePrefix": 1 } } }', "index.js": "" },
      "host.json: extensions.http.routePrefix: expected string, received number",
    ],
    [
      "code that throws",
      { "index.js": 'throw new Error("first\\nsecond");' },
      "index.js: this entry point could not be loaded: first second",
    ],
    ["no registered function", { "index.js": "" }, "package.json: main: index.js registered no function"],
    [
      "a bad cron",
      registering(`app.timer("tick", { schedule: "0 61 * * * *", ${handler} });`),
      'index.js: function "tick": schedule: "0 61 * * * *": minute 61 is outside 0-59',
    ],
    [
      "an unresolved expression",
      registering(`app.timer("tick", { schedule: "%WHEN%", ${handler} });`),
      "index.js: function \"tick\": schedule: '%WHEN%' does not resolve to a value.",
    ],
    [
      "an unknown trigger",
      registering(`app.storageQueue("q", { connection: "S", queueName: "q", ${handler} });`),
      'index.js: function "q": bindings: binding type "queueTrigger" is unknown to this host',
    ],
    [
      "an unknown output",
      registering(`app.http("h", { return: output.generic({ type: "sendGrid" }), ${handler} });`),
      'index.js: function "h": bindings: binding type "sendGrid" is unknown to this host',
    ],
    [
      "a bad route",
      registering(`app.http("h", { route: "a/{id:unheard}", ${handler} });`),
      'index.js: function "h": route: "a/{id:unheard}": constraint "unheard" is unknown',
    ],
    [
      "a bad auth level",
      registering(`app.http("h", { authLevel: "secret", ${handler} });`),
      'index.js: function "h": authLevel: expected anonymous, function or admin; received "secret"',
    ],
    [
      "a missing connection",
      registering(`app.serviceBusQueue("q", { connection: "Bus", queueName: "q", ${handler} });`),
      'index.js: function "q": connection: no setting "Bus" or "AzureWebJobsBus" holds a connection string',
    ],
    [
      "a missing subscription",
      registering(`app.serviceBusTopic("q", { connection: "Bus", topicName: "t", subscriptionName: "", ${handler} });`),
      'index.js: function "q": subscriptionName: no subscription of the topic is named',
    ],
    [
      "two functions of one name",
      registering(`app.http("a", { ${handler} }); app.http("a", { ${handler} });`),
      'index.js: this entry point could not be loaded: A function with id "a" has already been registered.',
    ],
  ] as [string, Record<string, string>, string][])("%s", async (_, files, message) => {
    expect(await refusal(files, { Bus: message.includes("connection:") ? undefined : "Endpoint=x" })).toContain(
      message,
    );
  });

  test("an allow-list that leaves nothing", async () => {
    const files = {
      "host.json": '{ "version": "2.0", "functions": ["other"] }',
      ...registering(`app.http("a", { ${handler} });`),
    };
    expect(await refusal(files)).toBe("host.json: functions: every function of the app is disabled or left out");
  });

  test("an unknown time zone", async () => {
    const files = registering(`app.timer("tick", { schedule: "0 0 0 * * *", ${handler} });`);
    expect(await refusal(files, { WEBSITE_TIME_ZONE: "Mars/Olympus" })).toBe(
      'setting WEBSITE_TIME_ZONE: "Mars/Olympus" is no IANA time zone such as Europe/Berlin',
    );
  });

  test("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await expect(start(fixtureApp("cjs"), { port })).rejects.toThrow(`port ${port}: listen EADDRINUSE`);
    server.close();
  });

  test("a timeline that does not answer", async () => {
    await expect(start(fixtureApp("cjs"), { clock: "127.0.0.1:1" })).rejects.toThrow("--clock: No timeline answers");
  });
});
