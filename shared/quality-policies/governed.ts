import { clock } from "../clock.js";
import type { Graph } from "../graph/graph.js";
import { offering } from "../graph/offering/offering.js";
import type { Offering } from "../graph/offering/types.js";
import { GroupStatus, listGroups } from "../groups/store.js";
import { inTurn } from "../in-turn.js";
import { DeviceStatus } from "../registration/device.js";
import { targetOf } from "../releases/target.js";
import { coverage, type RingMember } from "./coverage.js";
import { enrolledTargets } from "./policy.js";
import { listQualityPolicies } from "./store.js";
import { entraGroupsOf } from "./targets.js";

/** Entra groups of the devices for which a policy with approvals decides, lower-cased. @param now ms */
export async function governedGroups(now: number): Promise<string[]> {
  const targets = (await listQualityPolicies()).flatMap((policy) => enrolledTargets(policy, now));
  return targets.length === 0 ? [] : entraGroupsOf(targets, await listGroups());
}

/**
 * How rings offer quality updates: as `offering`, and to no device for which a policy with approvals decides, since that
 * policy beats the ring (autopatch.md §5.10).
 */
export function ringOffering(graph: Graph, acting = graph): Promise<Offering> {
  return offering(graph, acting, () => governedGroups(clock.now()));
}

/** Tells devices of rings for which a policy with approvals decides: they are no part of the rings' releases. */
export async function governedDevices(graph: Graph, now: number) {
  const covered = await coverage(graph, now);
  return {
    covers: (device: RingMember): boolean => covered.of({ ...device, status: DeviceStatus.registered }).length > 0,
  };
}

/** Has the standing policy of every ring leave out exactly the devices of policies with approvals. */
export async function leaveOutOfRings(graph: Graph): Promise<void> {
  const tenant = await ringOffering(graph);
  const managed = (await listGroups()).filter(
    ({ status, definition }) => status === GroupStatus.active && definition.updateTypes.quality,
  );
  const targets = managed.flatMap((group) => group.definition.rings.flatMap(({ name }) => targetOf(group, name) ?? []));
  await inTurn(targets.map((target) => () => tenant.ensureStandingPolicy(target)));
}
