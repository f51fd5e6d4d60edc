import type * as df from "durable-functions";
import { z } from "zod";
import { AppError } from "../shared/errors.js";
import { abandonWhatIf, concludeWhatIf, prepareWhatIf, simulateMonths } from "./activities/what-if.js";
import { startOnce } from "./client.js";
import { isLong, orchestration } from "./durable.js";
import { WHAT_IF } from "./names.js";

const whatIfInput = z.object({
  id: z.string().min(1),
  /** First trial that has not been simulated. */
  next: z.int().min(0).default(0),
});

/** Simulates the months of a what-if, a few seconds of them at a time, and makes the answer. */
orchestration({
  name: WHAT_IF,
  input: whatIfInput,
  *run(ctx, { id, next }) {
    try {
      const { trials, size } = yield* prepareWhatIf(ctx, { id });
      for (let from = next; from < trials; from += size) {
        if (isLong(ctx)) return ctx.df.continueAsNew({ id, next: from });
        yield* simulateMonths(ctx, { id, from, to: Math.min(from + size, trials) });
      }
      yield* concludeWhatIf(ctx, { id });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      yield* abandonWhatIf(ctx, { id, problem: error.message });
    }
  },
});

/** Starts a what-if that is kept under this id. */
export async function startWhatIf(client: df.DurableClient, id: string): Promise<void> {
  await startOnce(client, WHAT_IF, id, { id });
}
