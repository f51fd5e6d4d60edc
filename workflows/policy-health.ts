import { z } from "zod";
import { AppError } from "../shared/errors.js";
import {
  checkPolicyHealth,
  noteRepairProblem,
  refreshPolicyConflicts,
  repairPolicyAlert,
  restoreGroup,
} from "./activities/policy-health.js";
import { type Durable, nowOf, type Orchestration, orchestration } from "./durable.js";
import { POLICY_CONFLICTS, POLICY_HEALTH, POLICY_REPAIR } from "./names.js";

/** What provisioning is given to make directory groups and policies anew before the next look. */
const RESTORE_MINUTES = 10;

/** Looks at policies and groups, does what is done without being asked, and looks again. */
orchestration({
  name: POLICY_HEALTH,
  input: z.object({}),
  *run(ctx) {
    const { groupsToRestore, alertsToRepair } = yield* checkPolicyHealth(ctx, {});
    for (const groupId of groupsToRestore) yield* restoreGroup(ctx, { groupId });
    for (const alertId of alertsToRepair) yield* repair(ctx, { alertId, requestedBy: null });
    if (groupsToRestore.length === 0) return;
    yield ctx.df.createTimer(new Date(nowOf(ctx) + RESTORE_MINUTES * 60_000));
    yield* checkPolicyHealth(ctx, {});
  },
});

const repairInput = z.object({ alertId: z.string().min(1), requestedBy: z.string().nullable() });

/** Repairs what one alert is about, on somebody's request. */
orchestration({ name: POLICY_REPAIR, input: repairInput, run: repair });

/** Finds the conflicts with policies of others anew, as often as Graph has to be asked. */
orchestration({
  name: POLICY_CONFLICTS,
  input: z.object({}),
  *run(ctx) {
    yield* refreshPolicyConflicts(ctx, {});
  },
});

function* repair(ctx: Orchestration, input: z.infer<typeof repairInput>): Durable<void> {
  try {
    yield* repairPolicyAlert(ctx, input);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.df.setCustomStatus({ problem: error.message });
    yield* noteRepairProblem(ctx, { ...input, problem: error.message });
  }
}
