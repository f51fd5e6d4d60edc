import { HOUR_MS } from "../shared/calendar/days.js";
import { groupRef } from "./activities/group-policies.js";
import {
  cancelScheduledReleases,
  forgetGroup,
  releaseGroupDevices,
  removeDirectoryGroups,
  removeGroupPolicies,
} from "./activities/group-removal.js";
import { nowOf, orchestration } from "./durable.js";
import { persistently } from "./group-problems.js";
import { GROUP_REMOVAL } from "./names.js";

/** Removes a group from the tenant: its scheduled releases, its devices' rings, its policies and directory groups. */
orchestration({
  name: GROUP_REMOVAL,
  input: groupRef,
  run: (ctx, ref) =>
    persistently(ctx, ref, function* () {
      while ((yield* cancelScheduledReleases(ctx, ref)) > 0) {
        yield ctx.df.createTimer(new Date(nowOf(ctx) + HOUR_MS));
      }
      yield* releaseGroupDevices(ctx, ref);
      yield* removeGroupPolicies(ctx, ref);
      yield* removeDirectoryGroups(ctx, ref);
      yield* forgetGroup(ctx, ref);
      return undefined;
    }),
});
