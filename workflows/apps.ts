import { z } from "zod";
import { followAppInventory, startAppReleases } from "./activities/apps.js";
import { orchestration } from "./durable.js";
import { APPS } from "./names.js";

/** Every day: releases for new versions of Office and Edge, and what the inventories say of those that run. */
orchestration({
  name: APPS,
  input: z.object({}),
  *run(ctx) {
    const started = yield* startAppReleases(ctx, {});
    ctx.df.setCustomStatus({ started, changed: yield* followAppInventory(ctx, {}) });
  },
});
