import { HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { type Expedite, isOver } from "../shared/expedites/expedite.js";
import {
  askAboutExpedite,
  endExpedite,
  expediteRef,
  launchExpedite,
  loadExpedite,
  noteExpediteProblem,
  observeExpedite,
  validateExpedite,
} from "./activities/expedite.js";
import { type Durable, isLong, Mailbox, nowOf, type Orchestration, orchestration } from "./durable.js";
import { EXPEDITE, WAKE } from "./names.js";

/** How often a running expedite looks at its releases. */
const LOOK_HOURS = 6;
/** How often one that waits for people does, should their answer's event have been lost. */
const ANSWER_HOURS = 12;
/** Wait before a step that failed is tried again. */
const PROBLEM_HOURS = 1;

/** Carries an expedite: finds its update and tests its devices, asks people, starts it, follows it to its end. */
orchestration({
  name: EXPEDITE,
  input: expediteRef,
  *run(ctx, ref) {
    const mailbox = new Mailbox(ctx, WAKE);
    let expedite = yield* loadExpedite(ctx, ref);
    while (!isOver(expedite)) {
      if (isLong(ctx)) return ctx.df.continueAsNew(ref);
      const before = stageOf(expedite);
      expedite = yield* advance(ctx, expedite);
      ctx.df.setCustomStatus({ status: expedite.status, problem: expedite.problem });
      if (stageOf(expedite) !== before || isOver(expedite)) continue;
      yield* mailbox.next(nowOf(ctx) + waitHours(expedite) * HOUR_MS);
      expedite = yield* loadExpedite(ctx, ref);
    }
    return expedite.status;
  },
});

/** Where it stands, so that a step that changed nothing waits. */
function stageOf({ status, cancelled, deployments }: Expedite): string {
  return `${status} ${cancelled !== null} ${deployments !== null}`;
}

function waitHours({ status, problem }: Expedite): number {
  if (problem !== null) return PROBLEM_HOURS;
  return status === "awaitingApproval" ? ANSWER_HOURS : LOOK_HOURS;
}

/** One step; one that fails shows as the expedite's problem, and is tried again. */
function* advance(ctx: Orchestration, expedite: Expedite): Durable<Expedite> {
  const ref = { expediteId: expedite.id };
  try {
    return yield* step(ctx, expedite);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return yield* noteExpediteProblem(ctx, { ...ref, problem: error.message });
  }
}

function step(ctx: Orchestration, { id, status, cancelled, deployments }: Expedite): Durable<Expedite> {
  const ref = { expediteId: id };
  if (cancelled !== null) return endExpedite(ctx, ref);
  if (status === "validating") return validateExpedite(ctx, ref);
  if (status === "awaitingApproval") return askAboutExpedite(ctx, ref);
  return deployments === null ? launchExpedite(ctx, ref) : observeExpedite(ctx, ref);
}
