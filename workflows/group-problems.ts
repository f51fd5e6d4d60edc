import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { noteGroupProblem } from "./activities/group-policies.js";
import { type Durable, isLong, nowOf, type Orchestration } from "./durable.js";

/** Wait before what could not be brought to the tenant is tried again. */
const PROBLEM_HOURS = 1;

interface GroupRef {
  readonly groupId: string;
}

/**
 * Does something in the tenant for a group until it succeeds, every hour. What is in the way goes into the audit log
 * once; a problem that lasts continues with a fresh history. A group that is gone meanwhile ends it.
 */
export function* persistently<T>(ctx: Orchestration, ref: GroupRef, run: () => Durable<T>): Durable<T | undefined> {
  for (let attempt = 1; !isLong(ctx); attempt++) {
    try {
      return yield* run();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === "not_found" && error.field === "groupId") return undefined;
      ctx.df.setCustomStatus({ problem: error.message });
      if (attempt === 1) yield* noteGroupProblem(ctx, { ...ref, problem: error.message });
    }
    yield ctx.df.createTimer(new Date(nowOf(ctx) + PROBLEM_HOURS * HOUR_MS));
  }
  ctx.df.continueAsNew(ref);
  return undefined;
}
