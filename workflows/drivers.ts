import { z } from "zod";
import { askAboutDrivers, startDriverReleases } from "./activities/drivers.js";
import { orchestration } from "./durable.js";
import { DRIVERS } from "./names.js";

/** Asks about drivers that people approve, and has releases measure what groups have approved. */
orchestration({
  name: DRIVERS,
  input: z.object({}),
  *run(ctx) {
    const asked = yield* askAboutDrivers(ctx, {});
    ctx.df.setCustomStatus({ asked, started: yield* startDriverReleases(ctx, {}) });
  },
});
