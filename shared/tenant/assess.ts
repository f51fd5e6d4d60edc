import { AppError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { type AssessmentCheck, AssessmentResult, type Finding, type Served } from "./checks/check.js";
import { ASSESSMENT_CHECKS } from "./checks/index.js";

/** One check of an assessment with its result. */
export interface CheckOutcome extends Finding {
  readonly id: string;
  readonly area: string;
  readonly name: string;
}

export interface AssessOptions {
  /** Also the checks of 2022. Default false. */
  readonly optionalChecks?: boolean;
  /** Default: all there are. */
  readonly checks?: readonly AssessmentCheck[];
}

/**
 * Runs the readiness checks one after the other. A check that Graph refuses ends in Error; an outage ends the whole
 * assessment, for it says nothing about the tenant.
 */
export async function assess(graph: Graph, served: Served, options: AssessOptions = {}): Promise<CheckOutcome[]> {
  const { optionalChecks = false, checks = ASSESSMENT_CHECKS } = options;
  const outcomes: CheckOutcome[] = [];
  for (const check of checks.filter(({ optional }) => optionalChecks || !optional)) {
    const { id, area, name } = check;
    outcomes.push({ id, area, name, ...(await finding(check, graph, served)) });
  }
  return outcomes;
}

/** The worst of the results, in the order in which they matter to enrolment. */
export function overall(outcomes: readonly Pick<Finding, "result">[]): AssessmentResult {
  const { notReady, error, advisory, ready } = AssessmentResult;
  return [notReady, error, advisory].find((worst) => outcomes.some(({ result }) => result === worst)) ?? ready;
}

async function finding(check: AssessmentCheck, graph: Graph, served: Served): Promise<Finding> {
  try {
    return await check.run(graph, served);
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
    return {
      result: AssessmentResult.error,
      message: `The check could not run. ${error.message}`,
      todo: `Grant the application ${check.permission}, check the tenant's licences, and run the assessment again.`,
    };
  }
}
