import { z } from "zod";
import { DAY_MS, HOUR_MS } from "../shared/calendar/days.js";
import { AppError } from "../shared/errors.js";
import { SERVICE_TABLES } from "../shared/tenant/service-data.js";
import { checkAgain, concludeLeaving, deleteServiceData, endWork } from "./activities/tenant.js";
import { type Durable, isLong, nowOf, type Orchestration, orchestration } from "./durable.js";
import { TENANT_UNENROL, TENANT_WATCH } from "./names.js";

/** Data are deleted twice, a day apart: what was under way when the tenant left may have written once more. */
const ROUNDS = 2;

/** Checks an Inactive tenant every hour, so that it is Active again within 2 hours (autopatch.md §4.7). */
orchestration({
  name: TENANT_WATCH,
  input: z.object({}),
  *run(ctx) {
    while (!isLong(ctx)) {
      yield ctx.df.createTimer(new Date(nowOf(ctx) + HOUR_MS));
      if (!(yield* isStillInactive(ctx))) return;
    }
    ctx.df.continueAsNew({});
  },
});

/** Graph being away tells nothing about the tenant: it is checked again an hour later. */
function* isStillInactive(ctx: Orchestration): Durable<boolean> {
  try {
    return yield* checkAgain(ctx, {});
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

/** Deletes the service's data of a tenant that leaves; policies and directory groups stay (autopatch.md §4.6). */
orchestration({
  name: TENANT_UNENROL,
  input: z.object({}),
  *run(ctx) {
    for (let round = 1; round <= ROUNDS; round++) {
      if (round > 1) yield ctx.df.createTimer(new Date(nowOf(ctx) + DAY_MS));
      yield* endWork(ctx, { self: ctx.df.instanceId });
      for (const table of SERVICE_TABLES) yield* deleteServiceData(ctx, { table });
    }
    yield* concludeLeaving(ctx, {});
  },
});
