import { z } from "zod";
import { AppError } from "../shared/errors.js";
import { applySafeguardOptOuts, noteSafeguardProblem, resetSafeguardOptOuts } from "./activities/safeguard-opt-outs.js";
import { orchestration } from "./durable.js";
import { SAFEGUARD_OPT_OUTS } from "./names.js";

/** Brings opt-outs of safeguard holds to the tenant; daily, those first end that have done their work. */
orchestration({
  name: SAFEGUARD_OPT_OUTS,
  input: z.object({ daily: z.boolean() }),
  *run(ctx, { daily }) {
    if (daily) yield* resetSafeguardOptOuts(ctx, {});
    try {
      yield* applySafeguardOptOuts(ctx, {});
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.df.setCustomStatus({ problem: error.message });
      yield* noteSafeguardProblem(ctx, { problem: error.message });
    }
  },
});
