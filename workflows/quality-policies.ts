import { z } from "zod";
import { AppError } from "../shared/errors.js";
import { Scope } from "../shared/quality-policies/apply.js";
import { applyPolicies } from "./activities/quality-policies.js";
import { orchestration } from "./durable.js";
import { QUALITY_POLICIES } from "./names.js";

/** Carries quality update policies to the tenant; what keeps one from it shows in the policy, and the next run tries again. */
orchestration({
  name: QUALITY_POLICIES,
  input: z.object({ scope: z.enum(Scope) }),
  *run(ctx, { scope }) {
    try {
      yield* applyPolicies(ctx, { scope });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.df.setCustomStatus({ problem: error.message });
    }
  },
});
