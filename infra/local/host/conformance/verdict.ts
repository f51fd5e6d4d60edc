import { z } from "zod";

const schema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface Verdict {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: number;
  /** At least 40 passed, and nothing failed but the case that only the v4 library can pass. */
  readonly conformant: boolean;
}

const ENOUGH = 40;
/** A direct start of the built-in poll orchestrator, which exists in the v4 library alone. */
const V4_ONLY = /built-?in.*poll|BuiltIn__HttpPollOrchestrator/i;

/** Judges jest's JSON report. A green run may have skipped everything, so the number of passed tests decides. */
export function judge(report: unknown): Verdict {
  const { numPassedTests, numPendingTests, testResults } = schema.parse(report);
  const failed = testResults.flatMap(({ name, message, assertionResults }) => {
    const tests = assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
    return tests.length === 0 && assertionResults.length === 0 && message !== "" ? [`${name} could not run`] : tests;
  });
  const unexpected = failed.filter((name) => !V4_ONLY.test(name));
  const conformant = numPassedTests >= ENOUGH && unexpected.length === 0 && failed.length <= 1;
  return { passed: numPassedTests, failed, skipped: numPendingTests, conformant };
}
