import { z } from "zod";
import { HOUR_MS } from "../shared/calendar/days.js";
import { startNewReleases } from "./activities/catalogue.js";
import { nowOf, orchestration } from "./durable.js";
import { CATALOGUE } from "./names.js";

/** Between two looks for an update that is due but not in the catalogue yet. */
const LOOK_AGAIN_MINUTES = 10;
/** After that the hourly check goes on looking. */
const PATIENCE_HOURS = 3;

/** Looks for new updates; on Patch Tuesday it goes on looking until the month's update is there. */
orchestration({
  name: CATALOGUE,
  input: z.object({ expect: z.string().optional() }),
  *run(ctx, { expect }) {
    const until = nowOf(ctx) + PATIENCE_HOURS * HOUR_MS;
    let started = 0;
    for (;;) {
      const found = yield* startNewReleases(ctx, {});
      started += found.started;
      if (expect === undefined || found.updates.includes(expect) || nowOf(ctx) >= until) return { started };
      yield ctx.df.createTimer(new Date(nowOf(ctx) + LOOK_AGAIN_MINUTES * 60_000));
    }
  },
});
