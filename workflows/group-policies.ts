import { ensureGroupPolicies, groupRef, replanUpcomingRings } from "./activities/group-policies.js";
import { orchestration } from "./durable.js";
import { GROUP_POLICIES } from "./names.js";

/** Brings a group's settings to the tenant and to the rings that have not started the running release. */
orchestration({
  name: GROUP_POLICIES,
  input: groupRef,
  *run(ctx, ref) {
    yield* replanUpcomingRings(ctx, ref);
    return yield* ensureGroupPolicies(ctx, ref);
  },
});
