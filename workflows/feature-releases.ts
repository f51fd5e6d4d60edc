import { z } from "zod";
import { AppError } from "../shared/errors.js";
import {
  applyFeatureReleases,
  markFeatureGroups,
  measureFeatureReleases,
  noteFeatureProblem,
  startFeaturePhases,
} from "./activities/feature-releases.js";
import { orchestration } from "./durable.js";
import { FEATURE_RELEASES } from "./names.js";

/** Carries feature releases out: what is due at 04:00 and 16:00 UTC, or what somebody has just decided. */
orchestration({
  name: FEATURE_RELEASES,
  input: z.object({ automation: z.boolean() }),
  *run(ctx, { automation }) {
    if (automation) {
      yield* startFeaturePhases(ctx, {});
      yield* markFeatureGroups(ctx, {});
    }
    try {
      yield* applyFeatureReleases(ctx, { automation });
      yield* measureFeatureReleases(ctx, {});
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      ctx.df.setCustomStatus({ problem: error.message });
      yield* noteFeatureProblem(ctx, { problem: error.message });
    }
  },
});
