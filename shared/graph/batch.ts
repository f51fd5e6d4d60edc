import { z } from "zod";
import { AppError } from "../errors.js";
import { type CallName, failureOf } from "./failure.js";
import type { Answer, BatchFailure, BatchRequest } from "./graph.js";

/** Most steps of one `$batch` (graph.md §3.3). */
export const BATCH_STEPS = 20;

/** What a `$batch` answers: its steps in any order, each by its id. */
export const batchAnswerSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});
export type StepAnswer = z.infer<typeof batchAnswerSchema>["responses"][number];

interface Step {
  readonly index: number;
  readonly request: BatchRequest;
}

/**
 * Sends steps in batches of 20, one after the other, and returns the steps that failed. Once Graph throttles a step the
 * batches that follow are not sent; their steps count as throttled too.
 */
export async function runBatches(
  requests: readonly BatchRequest[],
  post: (body: unknown) => Promise<Answer>,
): Promise<BatchFailure[]> {
  const failures: BatchFailure[] = [];
  const steps = requests.map((request, index) => ({ index, request }));
  for (let from = 0; from < steps.length; from += BATCH_STEPS) {
    const failed = await runBatch(steps.slice(from, from + BATCH_STEPS), post);
    failures.push(...failed);
    const throttled = failed.find(({ error }) => error.code === "throttled");
    if (throttled !== undefined) {
      const unsent = steps.slice(from + BATCH_STEPS);
      return [...failures, ...unsent.map((step) => ({ ...step, error: throttled.error }))];
    }
  }
  return failures;
}

async function runBatch(steps: readonly Step[], post: (body: unknown) => Promise<Answer>): Promise<BatchFailure[]> {
  const { body } = await post({ requests: steps.map(({ request }, place) => stepBody(request, place)) });
  const parsed = batchAnswerSchema.safeParse(body);
  if (!parsed.success) {
    const message =
      "Microsoft Graph answered a batch without the answers of its steps. The batch is repeated by itself.";
    throw new AppError("unavailable", message, { cause: parsed.error });
  }
  const answers = new Map(parsed.data.responses.map((answer) => [answer.id, answer]));
  return steps.flatMap((step, place) => failureIn(step, answers.get(String(place + 1))));
}

function stepBody(request: BatchRequest, place: number): Record<string, unknown> {
  const { method, path, body } = request;
  const content = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body };
  return { id: String(place + 1), method, url: path, ...content };
}

function failureIn(step: Step, answer: StepAnswer | undefined): BatchFailure[] {
  const error = stepFailure(step.request, answer);
  return error === undefined ? [] : [{ ...step, error }];
}

/** Why a step of a batch failed; undefined when it did not. */
export function stepFailure(call: CallName, answer: StepAnswer | undefined): AppError | undefined {
  if (answer !== undefined && answer.status >= 200 && answer.status < 300) return undefined;
  const headers = new Headers(answer?.headers ?? {});
  // A step without an answer may or may not have been carried out: the same as an outage.
  return failureOf(call, answer?.status ?? 504, (name) => headers.get(name), answer?.body);
}
