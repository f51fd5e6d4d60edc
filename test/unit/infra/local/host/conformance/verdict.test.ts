import { expect, test } from "vitest";
import { judge } from "../../../../../../infra/local/host/conformance/verdict.js";

const V4_ONLY = "callHttp rejects a direct top-level start of the built-in poll orchestrator";

function report(passed: number, failed: readonly string[], message = "") {
  const assertionResults = failed.map((fullName) => ({ fullName, status: "failed" }));
  return {
    numPassedTests: passed,
    numFailedTests: failed.length,
    numPendingTests: 10,
    testResults: [{ name: "a.spec.ts", message, assertionResults }],
  };
}

test.each([
  ["forty passed and only the v4 case failed", report(40, [V4_ONLY]), true],
  ["nothing failed", report(41, []), true],
  ["everything was skipped", report(0, []), false],
  ["too few passed", report(39, [V4_ONLY]), false],
  ["another case failed", report(40, ["rewind completes"]), false],
  ["the v4 case failed among others", report(45, [V4_ONLY, "rewind completes"]), false],
  ["a file could not run", report(40, [], "SyntaxError"), false],
])("when %s", (_, given, conformant) => {
  expect(judge(given).conformant).toBe(conformant);
});
