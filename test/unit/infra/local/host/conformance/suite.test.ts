import { expect, test } from "vitest";
import { adaptPackage, adaptTexts, findSuite } from "../../../../../../infra/local/host/conformance/suite.js";

const KEYS = [
  "CaughtActivityException.ErrorMessage",
  "RethrownActivityException.ErrorMessage",
  "CaughtEntityException.ErrorMessage",
  "RethrownEntityException.ErrorMessage",
  "SuspendSuspendedInstance.FailureMessage",
  "ResumeRunningInstance.FailureMessage",
];
const harness = (text: string) => KEYS.map((key) => `  "${key}":\n    ${text},`).join("\n");

test("expected texts become those of the v3 library, however they were quoted", () => {
  const adapted = adaptTexts(`${harness('"with \\" quote"')}\n  "Other": "stays",`);
  expect(adapted).toContain('"CaughtEntityException.ErrorMessage":\n    "Error: [object Object]",');
  expect(adapted).toContain('"Other": "stays"');
  expect(adaptTexts(harness("'single'"))).toBe(adaptTexts(harness('"double"')));
});

test("adapting twice changes nothing", () => {
  const once = adaptTexts(harness('"x"'));
  expect(adaptTexts(once)).toBe(once);
});

test("a harness without the texts is refused", () => {
  expect(() => adaptTexts("")).toThrow('no expected text "CaughtActivityException.ErrorMessage"');
});

test("the app depends on published packages only", () => {
  const manifest = {
    name: "test-app",
    dependencies: { "durable-functions": "file:../x", "@azure/functions": "^4.0.0" },
    overrides: { validator: "1", "@microsoft/durabletask-js": "file:../y" },
  };
  const adapted = adaptPackage(JSON.stringify(manifest), { functions: "4.16.5", durableFunctions: "3.5.0" });
  expect(JSON.parse(adapted)).toEqual({
    name: "test-app",
    dependencies: { "durable-functions": "3.5.0", "@azure/functions": "4.16.5" },
    overrides: { validator: "1" },
  });
});

test("a folder that is no suite is named", () => {
  expect(() => findSuite("/nowhere")).toThrow("/nowhere holds neither test/e2e-functions nor a harness.ts");
});
