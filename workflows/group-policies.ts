import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { ensureGroupPolicies, groupRef, noteGroupProblem, replanUpcomingRings } from "./activities/group-policies.js";
import { isLong, nowOf, orchestration } from "./durable.js";
import { GROUP_POLICIES } from "./names.js";

/** Wait before settings that could not be brought to the tenant are tried again. */
const PROBLEM_HOURS = 1;

/** Brings a group's settings to the rings that have not started the running release, and to the tenant. */
orchestration({
  name: GROUP_POLICIES,
  input: groupRef,
  *run(ctx, ref) {
    for (let attempt = 1; !isLong(ctx); attempt++) {
      try {
        yield* replanUpcomingRings(ctx, ref);
        return yield* ensureGroupPolicies(ctx, ref);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        ctx.df.setCustomStatus({ problem: error.message });
        if (attempt === 1) yield* noteGroupProblem(ctx, { ...ref, problem: error.message });
      }
      yield ctx.df.createTimer(new Date(nowOf(ctx) + PROBLEM_HOURS * HOUR_MS));
    }
    ctx.df.continueAsNew(ref);
    return undefined;
  },
});
