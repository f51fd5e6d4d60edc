import {
  activateGroup,
  discoverGroup,
  ensureDirectoryGroups,
  removeFormerRings,
} from "./activities/group-directory.js";
import {
  ensureGroupPolicies,
  groupRef,
  renameGroupPolicies,
  replanUpcomingRings,
} from "./activities/group-policies.js";
import { nowOf, orchestration } from "./durable.js";
import { persistently } from "./group-problems.js";
import { GROUP_PROVISIONING } from "./names.js";

/**
 * Brings a group to the tenant after every change: new dates to the rings that have not started the running release,
 * then directory groups, policies once the directory has them everywhere, and what rings of former times left behind.
 */
orchestration({
  name: GROUP_PROVISIONING,
  input: groupRef,
  run: (ctx, ref) =>
    persistently(ctx, ref, function* () {
      yield* replanUpcomingRings(ctx, ref);
      const { wanted, replicatedAt } = yield* ensureDirectoryGroups(ctx, ref);
      if (wanted === "groups") return undefined;
      if (replicatedAt !== null && replicatedAt > nowOf(ctx)) yield ctx.df.createTimer(new Date(replicatedAt));
      yield* renameGroupPolicies(ctx, ref);
      const policies = yield* ensureGroupPolicies(ctx, ref);
      yield* removeFormerRings(ctx, ref);
      yield* activateGroup(ctx, ref);
      yield* discoverGroup(ctx, ref);
      return policies;
    }),
});
