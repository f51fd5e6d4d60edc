import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readHostConfig } from "../../../../../infra/local/host/config/host-json.js";
import { applyValues, readLocalSettings } from "../../../../../infra/local/host/config/local-settings.js";
import { createLogger } from "../../../../../infra/local/host/config/logger.js";
import { Settings } from "../../../../../infra/local/host/config/settings.js";
import { parseTimeSpan } from "../../../../../infra/local/host/config/time-span.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "host-config-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function hostJson(content: unknown): void {
  writeFileSync(join(dir, "host.json"), typeof content === "string" ? content : JSON.stringify(content));
}

describe("host.json", () => {
  test("defaults fill in everything but the version", () => {
    hostJson({ version: "2.0" });
    const { extensions, functionTimeout } = readHostConfig(dir, {});
    expect(functionTimeout).toBe(30 * 60_000);
    expect(extensions.http.routePrefix).toBe("api");
    expect(extensions.durableTask.hubName).toBe("TestHubName");
    expect(extensions.serviceBus.maxMessageBatchSize).toBe(1_000);
  });

  test("slashes around the route prefix do not count and unknown keys are ignored", () => {
    hostJson({ version: "2.0", extensions: { http: { routePrefix: "/a/b/" }, queues: 1 }, other: true });
    expect(readHostConfig(dir, {}).extensions.http.routePrefix).toBe("a/b");
  });

  test("the environment overrides keys, names in any case, numbers and flags as text", () => {
    hostJson({ version: "2.0", extensions: { serviceBus: { maxConcurrentCalls: 4 } } });
    const { extensions } = readHostConfig(dir, {
      AzureFunctionsJobHost__extensions__HTTP__routeprefix: "v1",
      azurefunctionsjobhost__Extensions__serviceBus__maxConcurrentCalls: "9",
      AzureFunctionsJobHost__extensions__serviceBus__autoCompleteMessages: "False",
    });
    expect(extensions.http.routePrefix).toBe("v1");
    expect(extensions.serviceBus.maxConcurrentCalls).toBe(9);
    expect(extensions.serviceBus.autoCompleteMessages).toBe(false);
  });

  test("a function timeout of -1 is unlimited", () => {
    hostJson({ version: "2.0", functionTimeout: "-1" });
    expect(readHostConfig(dir, {}).functionTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [{}, 'host.json: version: expected "2.0"'],
    [
      { version: "2.0", functionTimeout: "soon" },
      'host.json: functionTimeout: expected a time span such as "00:05:00", received "soon"',
    ],
    [
      { version: "2.0", extensions: { http: { routePrefix: 5 } } },
      "host.json: extensions.http.routePrefix: expected string, received number",
    ],
    [
      { version: "2.0", extensions: { serviceBus: { maxConcurrentCalls: "many" } } },
      "host.json: extensions.serviceBus.maxConcurrentCalls: expected number, received string",
    ],
    [
      { version: "2.0", extensions: { serviceBus: { maxBatchWaitTime: "5" } } },
      'host.json: extensions.serviceBus.maxBatchWaitTime: expected a time span such as "00:05:00", received "5"',
    ],
    [
      { version: "2.0", extensions: { durableTask: { hubName: "x-y" } } },
      "host.json: extensions.durableTask.hubName: expected 3 to 45 letters and digits, a letter first",
    ],
    [{ version: "2.0", functions: ["a", 1] }, "host.json: functions[1]: expected string, received number"],
    [[], "host.json: (whole file): expected object, received array"],
    ["{", "host.json: not valid JSON"],
  ])("%j stops the start with: %s", (content, message) => {
    hostJson(content);
    expect(() => readHostConfig(dir, {})).toThrow(message);
  });

  test("a missing file stops the start", () => {
    expect(() => readHostConfig(dir, {})).toThrow("host.json: not found in");
  });
});

describe("local.settings.json", () => {
  const write = (content: unknown) => writeFileSync(join(dir, "local.settings.json"), JSON.stringify(content));

  test("values reach the environment only where nothing is set", () => {
    write({ IsEncrypted: false, Values: { A: "file", B: "file" } });
    const env: NodeJS.ProcessEnv = { A: "set" };
    applyValues(readLocalSettings(dir), env);
    expect(env).toEqual({ A: "set", B: "file" });
  });

  test.each([
    [{ Values: { A: 1 } }, "local.settings.json: Values.A: expected string, received number"],
    [{ IsEncrypted: true }, "local.settings.json: IsEncrypted: encrypted settings are not supported; expected false"],
    [{ Host: { LocalHttpPort: "x" } }, "local.settings.json: Host.LocalHttpPort: expected number, received string"],
  ])("%j stops the start with: %s", (content, message) => {
    write(content);
    expect(() => readLocalSettings(dir)).toThrow(message);
  });
});

describe("settings", () => {
  const settings = new Settings({
    QUEUE: "signals",
    AzureWebJobsBus: "Endpoint=x",
    Bare__fullyQualifiedNamespace: "n",
  });

  test("binding expressions resolve, in any case, within text", () => {
    expect(settings.resolve("pre-%queue%-post")).toBe("pre-signals-post");
  });

  test("an unresolved expression is named", () => {
    expect(() => settings.resolve("%NOPE%")).toThrow("'%NOPE%' does not resolve to a value.");
  });

  test("a connection is the setting itself or its AzureWebJobs form", () => {
    expect(settings.connection("Bus")).toBe("Endpoint=x");
  });

  test("identity-based connections are refused by name", () => {
    expect(() => settings.connection("Bare")).toThrow(
      'setting "Bare__fullyQualifiedNamespace" is an identity-based connection',
    );
  });
});

test.each([
  ["00:05:00", 300_000],
  ["1.00:00:00.5", 86_400_500],
  ["-00:00:01", -1_000],
  ["24:00:00", undefined],
  ["00:60:00", undefined],
  ["5", undefined],
])("the time span %s is %s ms", (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});

describe("log levels", () => {
  const lines: string[] = [];
  const log = createLogger({ default: "Warning", "Function.loud": "Trace", Function: "Error", Off: "None" }, (line) =>
    lines.push(line),
  );
  beforeEach(() => {
    lines.length = 0;
  });

  test("the longest prefix of the category decides", () => {
    log("information", "Host", "1");
    log("warning", "Host", "2");
    log("warning", "Function.quiet", "3");
    log("trace", "Function.loud.User", "4");
    log("critical", "Off.all", "5");
    expect(lines.map((line) => line.at(-1))).toEqual(["2", "4"]);
  });

  test("an unknown level stops the start", () => {
    expect(() => createLogger({ Function: "Chatty" }, () => {})).toThrow(
      "host.json: logging.logLevel.Function: expected one of",
    );
  });
});
