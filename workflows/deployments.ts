import { z } from "zod";
import { AppError } from "../shared/errors.js";
import { bringDeployment, carriedRef, lookAtDeployments, noteDeploymentProblem } from "./activities/deployments.js";
import { orchestration } from "./durable.js";
import { DEPLOYMENT, DEPLOYMENTS_WATCH } from "./names.js";

/** Rounds for what is decided while a decision is carried out; more waits for the hourly look. */
const ROUNDS = 5;

/** Carries what was decided about one deployment or update policy to the tenant: one instance each, so never twice at once. */
orchestration({
  name: DEPLOYMENT,
  input: carriedRef,
  *run(ctx, ref) {
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        if (!(yield* bringDeployment(ctx, ref))) return;
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.df.setCustomStatus({ problem: error.message });
      yield* noteDeploymentProblem(ctx, { ...ref, problem: error.message });
    }
  },
});

/** Looks at running deployments, hourly. */
orchestration({
  name: DEPLOYMENTS_WATCH,
  input: z.object({}),
  *run(ctx) {
    yield* lookAtDeployments(ctx, {});
  },
});
