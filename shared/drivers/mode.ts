import { z } from "zod";
import type { AutopatchGroup } from "../groups/group.js";
import type { DriverApproval } from "../groups/ring.js";
import type { Violation } from "../groups/rules/violation.js";

/** What a caller confirms who switches the way of approval. */
export const LOSE_DECISIONS = "loseDriverDecisions";

/** What has to be confirmed before a group is changed, as bodies and files write it. */
export const confirmSchema = z
  .array(z.literal(LOSE_DECISIONS))
  .default([])
  .describe("What the caller knows the change destroys: all decisions about drivers.");
export type Confirmation = z.infer<typeof confirmSchema>[number];

/** The way of approval in a ring: the ring's own, else the group's; null where the group manages no drivers. */
export function driverApprovalIn(group: AutopatchGroup, ringName: string): DriverApproval | null {
  if (!group.updateTypes.driver) return null;
  const own = group.rings.find(({ name }) => name === ringName)?.driverApproval;
  return own ?? group.deploymentSettings.driverApproval;
}

/**
 * Rings whose way of approval an edit would switch: new policies replace theirs, and all approvals, pauses and declines
 * in them are lost, and so they are where drivers are no longer managed (autopatch.md §7). One violation, unless it was
 * confirmed.
 */
export function* switchViolations(
  before: AutopatchGroup,
  after: AutopatchGroup,
  confirmed: boolean,
): Generator<Violation> {
  if (confirmed) return;
  const rings = before.rings.map(({ name }) => name).filter((name) => after.rings.some((ring) => ring.name === name));
  const switched = rings.filter((name) => {
    const now = driverApprovalIn(before, name);
    return now !== null && now !== driverApprovalIn(after, name);
  });
  if (switched.length === 0) return;
  const isOff = !after.updateTypes.driver;
  yield {
    field: isOff ? "updateTypes.driver" : "deploymentSettings.driverApproval",
    rule: "driverDecisionsLost",
    rings: switched,
    message: `${isOff ? "without driver updates" : "with another way of approving drivers"} the policies of ${switched.join(", ")} are replaced, and all approvals, pauses and declines of drivers there are lost. GET groups/{id}/driver-policies counts them. To go on add "confirm": ["${LOSE_DECISIONS}"] beside the definition`,
  };
}
